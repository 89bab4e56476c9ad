import { TestClock } from '@hotspare/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { CallBudget } from './call-budget.ts'
import { CloudHttp, type CloudHttpOptions } from './cloud-http.ts'
import { fixedBearer, fixedHeader, grantedBearer } from './credentials.ts'
import { StandInServer, type StandInAnswer, type StandInRequest } from './testing/index.ts'

const SECRET = 'secret-of-the-account'
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function open(options: Partial<CloudHttpOptions> & { readonly answer?: (request: StandInRequest) => StandInAnswer } = {}) {
  const { answer = () => ({ status: 200, body: { ok: true } }), ...rest } = options
  const seen: StandInRequest[] = []
  const server = await new StandInServer({
    changes: ({ method }) => method !== 'GET',
    credentials: () => undefined,
    answer(request) {
      seen.push(request)
      return answer(request)
    },
    limited: { status: 429, body: {}, headers: { 'retry-after': '7' } },
  }).start()
  const clock = new TestClock()
  const http = new CloudHttp({ who: 'stand-in', endpoint: server.url, credentials: () => fixedBearer(SECRET), clock, ...rest })
  closers.push(
    () => http.close(),
    () => server.close(),
  )
  const ask = () => http.call({ method: 'GET', path: '/things?x=1' }, AbortSignal.timeout(10_000))
  return { http, server, clock, seen, ask }
}

describe('CloudHttp', () => {
  it('sends JSON with its type, the credentials, and nothing else of its own', async () => {
    const { http, seen } = await open()
    await http.call({ method: 'POST', path: '/things', json: { a: 1 } }, AbortSignal.timeout(10_000))
    expect(seen[0]).toMatchObject({ method: 'POST', target: '/things', body: '{"a":1}' })
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: `Bearer ${SECRET}`,
      'user-agent': 'hotspare',
    })
  })

  it.each(['hang', 'reset', 'late-reset', 'huge'] as const)('takes "%s" for no usable answer, within its time', async (fault) => {
    const { server, ask, clock } = await open({ callMs: 5_000 })
    server.fail(fault)
    const call = ask()
    call.catch(() => {})
    if (fault === 'hang') {
      while (server.hung === 0) await new Promise((resolve) => setImmediate(resolve))
      await clock.advance(5_000)
    }
    await expect(call).rejects.toMatchObject({ code: 'HOTSPARE_CLOUD_UNAVAILABLE', fault: 'unavailable', retryable: true })
    await expect(ask()).resolves.toMatchObject({ status: 200 })
    expect(clock.pendingTimers).toBe(0)
  })

  it('is given up at once, with the reason of whoever gives it up', async () => {
    const { http, server } = await open({ callMs: 5_000 })
    server.fail('hang')
    const giveUp = new AbortController()
    const call = http.call({ method: 'GET', path: '/' }, giveUp.signal)
    call.catch(() => {})
    while (server.hung === 0) await new Promise((resolve) => setImmediate(resolve))
    giveUp.abort(new Error('given up'))
    await expect(call).rejects.toThrow('given up')
  })

  it('shows no secret that an answer repeats', async () => {
    const { http, server, ask } = await open({ credentials: () => fixedHeader('x-api-key', `Key ${SECRET}`, SECRET) })
    server.fail('500')
    const answer = await ask()
    expect(answer.text).toContain(SECRET)
    const { message, fault } = http.failure(answer, { message: answer.text })
    expect(message).toContain('***')
    expect(message).not.toContain(SECRET)
    expect(fault).toBe('unavailable')
  })

  it.each([
    [401, 'credentials'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'unavailable'],
    [409, 'busy'],
    [412, 'busy'],
    [423, 'busy'],
    [429, 'limited'],
    [302, 'unavailable'],
    [503, 'unavailable'],
  ])('judges a status of %i as "%s" where nothing better is known', async (status, fault) => {
    const { http, ask } = await open({ answer: () => ({ status, body: {} }) })
    expect(http.failure(await ask())).toMatchObject({ fault, message: `stand-in: ${status}` })
  })

  it('renews credentials once, and tells of them where the new ones are no better', async () => {
    let granted = 0
    const grant = async () => ({ token: `token-${++granted}`, lastsMs: 3_600_000 })
    const { seen, ask } = await open({
      credentials: () => grantedBearer(grant, new TestClock()),
      answer: ({ headers }) => ({ status: headers.authorization === 'Bearer token-2' ? 200 : 401, body: {} }),
    })
    await expect(ask()).resolves.toMatchObject({ status: 200 })
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('asks nobody during a pause, and says how long it is', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 10, burst: 10, clock })
    const { http, server, ask } = await open({ budget, clock })
    server.fail('limited')
    expect(http.failure(await ask())).toMatchObject({ fault: 'limited', retryAfterMs: 7_000 })
    await expect(ask()).rejects.toMatchObject({ fault: 'limited', retryAfterMs: 7_000 })
    expect(server.asked).toHaveLength(1)
    await clock.advance(7_000)
    await expect(ask()).resolves.toMatchObject({ status: 200 })
  })

  it('waits for its turn, and for none that would come too late', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 0.1, burst: 1, clock })
    const { ask, server } = await open({ budget, clock, callMs: 30_000 })
    await ask()
    const second = ask()
    await clock.advance(9_999)
    expect(server.asked).toHaveLength(1)
    await clock.advance(1)
    await expect(second).resolves.toMatchObject({ status: 200 })
    budget.heedLimits({ retryAfterMs: undefined, remaining: 0, resetMs: undefined })
    const slow = new CallBudget({ perSecond: 0.01, burst: 1, clock })
    slow.tryTake()
    const impatient = await open({ budget: slow, clock, callMs: 1_000 })
    await expect(impatient.ask()).rejects.toMatchObject({ fault: 'limited', retryAfterMs: 100_000 })
    expect(impatient.server.asked).toEqual([])
  })

  it('learns from the headers of a success how much is left', async () => {
    const clock = new TestClock()
    const budget = new CallBudget({ perSecond: 10, burst: 10, clock })
    const headers = { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }
    const { ask } = await open({ budget, clock, answer: () => ({ status: 200, body: {}, headers }) })
    await ask()
    expect(budget.waitMs()).toBe(30_000)
  })

  it('is closed as often as one likes', async () => {
    const { http, ask } = await open()
    await ask()
    await Promise.all([http.close(), http.close()])
    await expect(ask()).rejects.toMatchObject({ fault: 'unavailable' })
  })
})
