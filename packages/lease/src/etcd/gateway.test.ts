import type { ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Answerer, type FakeGateway, fakeGateway, reply } from './gateway.fixture.ts'
import { type EtcdRegisterOptions, etcdRegister } from '../etcd.ts'
import { encodeRecord } from '../record.ts'
import type { LeaseRecord, LeaseRegister, SwapResult } from '../register.ts'

const PATIENT = { timeoutMs: 15_000 }
const header = { cluster_id: '42', member_id: '7', revision: '3', raft_term: '2' }
const unusable = { code: 'HOTSPARE_LEASE_REGISTER', retryable: true }

const record = (revision: number, holder = 'web-1'): LeaseRecord => ({ holder, token: 1, ttlMs: 2_000, revision: `${holder}.${revision}` })

const kvs = (value: LeaseRecord | string, key = 'hotspare/lease/shop') => [
  { key: btoa(key), value: btoa(typeof value === 'string' ? value : encodeRecord(value)) },
]
const found = (value: LeaseRecord | string) => ({ header, responses: [{ response_range: { kvs: kvs(value) } }] })
const swapped = { header, succeeded: true, responses: [{ response_put: {} }] }

async function fake(answerer: Answerer): Promise<FakeGateway> {
  const gateway = await fakeGateway(answerer)
  onTestFinished(() => gateway.close())
  return gateway
}

function open(gateways: readonly FakeGateway[], options: Partial<EtcdRegisterOptions> = {}): LeaseRegister {
  const register = etcdRegister({ endpoints: gateways.map(({ url }) => url), ...options })
  onTestFinished(() => register.close())
  return register
}

const silence: Answerer = () => {}
const always =
  (status: number, body: unknown): Answerer =>
  (_, response) =>
    reply(response, status, body)

describe('etcd register and servers that are none, or not well', () => {
  const rows: readonly { name: string; answerer: Answerer; says: string }[] = [
    { name: 'text', answerer: always(200, 'hello'), says: 'not JSON' },
    { name: 'nothing', answerer: always(200, ''), says: 'not JSON' },
    { name: 'JSON of something else', answerer: always(200, {}), says: 'not one of etcd' },
    { name: 'half an answer', answerer: always(200, '{"header":{"cluster'), says: 'not JSON' },
    { name: 'a redirect', answerer: always(302, ''), says: 'status 302' },
    { name: 'status 204', answerer: always(204, ''), says: 'status 204' },
    { name: 'no such path', answerer: always(404, 'Not Found'), says: 'status 404: Not Found' },
    { name: 'a proxy that finds nobody', answerer: always(502, '<h1>\n\u001b[31mBad</h1>'), says: 'status 502: <h1> [31mBad</h1>' },
    { name: 'no leader', answerer: always(503, { error: 'etcdserver: no leader', code: 14 }), says: 'code 14: etcdserver: no leader' },
    { name: 'no space', answerer: always(429, { error: 'mvcc: database space exceeded', code: 8 }), says: 'space exceeded' },
    { name: 'more than a mebibyte', answerer: always(200, { header, more: 'x'.repeat(1_100_000) }), says: 'larger than 1048576' },
    { name: 'a connection that breaks', answerer: (_, response) => response.socket?.destroy(), says: 'other side closed' },
    {
      name: 'a body that breaks off',
      answerer: (_, response) => {
        response.writeHead(200, { 'content-length': '500' }).write('{"header":')
        setTimeout(() => response.destroy(), 5)
      },
      says: '127.0.0.1',
    },
    { name: 'silence', answerer: silence, says: 'no answer within 250 ms' },
    { name: 'a drip without end', answerer: (_, response) => drip(response), says: 'no answer within 250 ms' },
  ]
  it.for(rows)('says what it met: $name', async ({ answerer, says, name }) => {
    const register = open([await fake(answerer)])
    const limit = name.startsWith('silence') || name.startsWith('a drip') ? { timeoutMs: 250 } : PATIENT
    const failure = { ...unusable, message: expect.stringContaining(says) }
    await expect(register.read('shop', limit)).rejects.toMatchObject(failure)
    await expect(register.compareAndSwap('shop', null, record(1), limit)).rejects.toMatchObject(failure)
    await expect(register.compareAndSwap('shop', record(1), record(2), limit)).rejects.toMatchObject(failure)
  })

  it('does not take an endless answer in: it hangs up at the bound', async () => {
    const cut: boolean[] = []
    const flood: Answerer = (_, response) => {
      response.writeHead(200).once('close', () => cut.push(true))
      const pour = () => {
        if (response.destroyed) return
        response.write(Buffer.alloc(65_536, '0'))
        setImmediate(pour)
      }
      pour()
    }
    const failure = { ...unusable, message: expect.stringContaining('larger than 1048576') }
    await expect(open([await fake(flood)]).read('shop', PATIENT)).rejects.toMatchObject(failure)
    await expect.poll(() => cut, { timeout: 15_000 }).toEqual([true, true])
  })

  it('gives a refusal for what people must mend, at once and without asking elsewhere', async () => {
    for (const [status, body] of [
      [403, { error: 'etcdserver: permission denied', code: 7 }],
      [400, { error: 'etcdserver: user name is empty', code: 3 }],
      [401, 'who are you?'],
      [403, 'no'],
    ] as const) {
      const [first, second] = [await fake(always(status, body)), await fake(silence)]
      await expect(open([first, second]).read('shop', PATIENT)).rejects.toMatchObject({ code: 'HOTSPARE_LEASE_REFUSED', retryable: false })
      expect([first.requests.length, second.requests.length]).toEqual([1, 0])
    }
  })
})

function judge(outcome: PromiseSettledResult<LeaseRecord | SwapResult | null>): string {
  if (outcome.status === 'rejected') return String(outcome.reason.code)
  if (outcome.value === null || !('swapped' in outcome.value)) return 'read'
  return outcome.value.swapped ? 'swapped' : 'not swapped'
}

describe('etcd register and answers at random', () => {
  let text = ''
  let status = 200
  let gateway: FakeGateway
  beforeAll(async () => {
    gateway = await fakeGateway((_, response) => reply(response, status, text))
  })
  afterAll(() => gateway.close())

  it('never crashes, never takes one for a success that is none, and always says which error it is', async () => {
    const register = open([gateway])
    const whole = [found(record(1)), found('something else'), { header }, { header, kvs: kvs(record(1)) }].map((body) =>
      JSON.stringify(body),
    )
    const damaged = fc
      .tuple(fc.constantFrom(...whole), fc.nat(400), fc.string({ maxLength: 4 }), fc.boolean())
      .map(([valid, at, put, cut]) => valid.slice(0, at) + put + (cut ? '' : valid.slice(at + put.length)))
    const answers = fc.oneof(damaged, fc.json(), fc.string({ unit: 'binary' }))
    const statuses = fc.constantFrom(200, 200, 200, 201, 400, 401, 403, 404, 429, 500, 503)
    await fc.assert(
      fc.asyncProperty(answers, statuses, async (answer, code) => {
        ;[text, status] = [answer, code]
        const outcomes = await Promise.allSettled([
          register.read('shop', PATIENT),
          register.compareAndSwap('shop', record(1), record(2), PATIENT),
        ])
        for (const outcome of outcomes) expect(judge(outcome)).toMatch(/^(?:HOTSPARE_LEASE_(?:REGISTER|RECORD|REFUSED)|read|not swapped)$/)
      }),
      { numRuns: 300 },
    )
  }, 120_000)
})

describe('etcd register and several endpoints', () => {
  it('stays with the endpoint that answered, and leaves it when it does not', async () => {
    let broken = true
    const answer = always(200, { header })
    const first = await fake((asked, response) => (broken ? reply(response, 503, 'no') : answer(asked, response)))
    const second = await fake((asked, response) => (broken ? answer(asked, response) : reply(response, 503, 'no')))
    const register = open([first, second])
    for (let call = 0; call < 3; call++) expect(await register.read('shop', PATIENT)).toBe(null)
    expect([first.requests.length, second.requests.length]).toEqual([1, 3])
    broken = false
    for (let call = 0; call < 3; call++) expect(await register.read('shop', PATIENT)).toBe(null)
    expect([first.requests.length, second.requests.length]).toEqual([4, 4])
  })

  it('asks another one first after a call in which all were silent', async () => {
    const [first, second] = [await fake(silence), await fake(silence)]
    const register = open([first, second])
    await expect(register.read('shop', { timeoutMs: 60 })).rejects.toMatchObject(unusable)
    const before = second.requests.length
    await expect(register.read('shop', { timeoutMs: 60_000, signal: AbortSignal.timeout(100) })).rejects.toThrow()
    expect(second.requests.length).toBe(before + 1)
  })

  it('knows its own write when the answer to it got lost on another endpoint', async () => {
    const first = await fake((_, response) => response.socket?.destroy())
    const second = await fake(always(200, found(record(2))))
    expect(await open([first, second]).compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    expect(first.requests[0]).toEqual(second.requests[0])
  })

  it('does not take what is there for its own write when it has asked only once, or another has written since', async () => {
    const only = await fake(always(200, found(record(2))))
    expect(await open([only]).compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: false, current: record(2) })
    const first = await fake((_, response) => response.socket?.destroy())
    const second = await fake(always(200, found(record(1, 'web-2'))))
    expect(await open([first, second]).compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({
      swapped: false,
      current: record(1, 'web-2'),
    })
  })

  it('does not move to a store of another cluster, where nobody knows who holds what', async () => {
    let gone = false
    const first = await fake((_, response) => (gone ? response.socket?.destroy() : reply(response, 200, { header })))
    const stranger = await fake(always(200, { header: { ...header, cluster_id: '43' } }))
    const register = open([first, stranger])
    expect(await register.read('shop', PATIENT)).toBe(null)
    gone = true
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject({ ...unusable, message: expect.stringContaining('another cluster') })
  })

  it('swaps by revision alone: what it finds in other bytes is compared by those, and an editor at work is an error', async () => {
    const other = JSON.stringify({ more: 1, ...record(1) })
    let answers: unknown[] = [found(other), swapped]
    const gateway = await fake((_, response) => reply(response, 200, answers.shift()))
    const register = open([gateway])
    expect(await register.compareAndSwap('shop', record(1), record(2), PATIENT)).toEqual({ swapped: true })
    const compared = gateway.requests.map(({ body }) => (body as { compare: { value: string }[] }).compare[0]?.value)
    expect(compared).toEqual([btoa(encodeRecord(record(1))), btoa(other)])
    answers = [1, 2, 3].map((more) => found(JSON.stringify({ more, ...record(1) })))
    await expect(register.compareAndSwap('shop', record(1), record(2), PATIENT)).rejects.toMatchObject(unusable)
    expect(answers).toEqual([])
  })
})

describe('etcd register and its secrets', () => {
  const user = { user: 'hotspare', password: 'open-sesame' }

  it('hides password and token in what a server repeats', async () => {
    const parrot = await fake(({ path, body, authorization }, response) =>
      path === '/v3/auth/authenticate' && parrot.requests.length > 1
        ? reply(response, 200, { header, token: 'magic-token' })
        : reply(response, 500, { code: 13, message: `you said ${JSON.stringify(body)} as ${authorization}` }),
    )
    const register = open([parrot], user)
    const errors = [await register.read('shop', PATIENT).catch((error: unknown) => error)]
    errors.push(await register.read('shop', PATIENT).catch((error: unknown) => error))
    expect(parrot.requests.at(-1)?.authorization).toBe('magic-token')
    for (const error of errors) {
      expect(error).toMatchObject({ ...unusable, message: expect.stringContaining('***') })
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/sesame|magic/)
    }
  })

  it('does not send a token that is none', async () => {
    for (const token of [undefined, 7, '', 'two\r\nlines', 'x'.repeat(9_000)]) {
      const gateway = await fake(always(200, { header, token }))
      await expect(open([gateway], user).read('shop', PATIENT)).rejects.toMatchObject(unusable)
      expect(gateway.requests.every(({ path }) => path === '/v3/auth/authenticate')).toBe(true)
    }
  })

  it('authenticates once per call when its new token is not accepted either', async () => {
    const gateway = await fake(({ path }, response) =>
      path === '/v3/auth/authenticate' ? reply(response, 200, { header, token: 'magic-token' }) : reply(response, 401, { code: 16 }),
    )
    const register = open([gateway], user)
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(unusable)
    const counted = () => gateway.requests.filter(({ path }) => path === '/v3/auth/authenticate').length
    expect(counted()).toBeLessThanOrEqual(2)
    const before = counted()
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(unusable)
    expect(counted() - before).toBeLessThanOrEqual(2)
  })

  it('keeps the token of an authentication that took longer than the call that needed it', async () => {
    let answer: (() => void) | undefined
    const gateway = await fake(({ path }, response) => {
      if (path !== '/v3/auth/authenticate') return reply(response, 200, { header })
      answer = () => reply(response, 200, { header, token: 'magic-token' })
    })
    const register = open([gateway], user)
    await expect(register.read('shop', { timeoutMs: 100 })).rejects.toMatchObject(unusable)
    answer?.()
    expect(await register.read('shop', PATIENT)).toBe(null)
    expect(gateway.requests.filter(({ path }) => path === '/v3/auth/authenticate')).toHaveLength(1)
  })
})

describe('etcd register and its end', () => {
  it('gives up what is under way when it is closed, an authentication too', async () => {
    const register = open([await fake(silence)], { user: 'hotspare', password: 'open-sesame' })
    const call = register.read('shop', PATIENT)
    call.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    await register.close()
    await expect(call).rejects.toMatchObject(unusable)
    await expect(register.read('shop', PATIENT)).rejects.toMatchObject(unusable)
  })

  it('uses the dispatcher that it is given, and leaves it open', async () => {
    const gateway = await fake(always(200, { header }))
    const dispatcher = new Agent()
    onTestFinished(() => dispatcher.close())
    const register = open([gateway], { dispatcher })
    expect(await register.read('shop', PATIENT)).toBe(null)
    await register.close()
    expect(dispatcher.closed).toBe(false)
  })
})

function drip(response: ServerResponse): void {
  response.writeHead(200)
  const timer = setInterval(() => response.write(' '), 10)
  response.once('close', () => clearInterval(timer))
}
