import { createServer, type RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { TestClock } from '@hotspare/core/testing'
import { type ClientOptions, createClient } from './client.ts'

async function daemon(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

/** Listens from now on, so that nothing is unhandled while a test does something else. */
function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

const target = {
  id: 'shop/a',
  name: 'a',
  url: 'http://a',
  tier: 0,
  weight: 1,
  state: 'draining',
  since: 1,
  because: 'drained',
  active: 0,
  picks: 3,
}

describe('options', () => {
  it.each([
    ['no URL', { url: '127.0.0.1:7400' }, /url: expected a URL like http:/],
    ['a URL that cannot be read', { url: 'http://[::1' }, /url: expected a URL/],
    ['another protocol', { url: 'ftp://127.0.0.1' }, /url: expected a URL/],
    ['a password in the URL', { url: 'http://ops:hunter2@127.0.0.1' }, /without user, password/],
    ['a query', { url: 'http://127.0.0.1:7400/?x=1' }, /query/],
    ['a token that no header can carry', { url: 'http://127.0.0.1', token: 'hunter2\r\nx: y' }, /token: expected visible ASCII/],
    ['an empty token', { url: 'http://127.0.0.1', token: '' }, /token: expected visible ASCII/],
    ['no time at all', { url: 'http://127.0.0.1', timeoutMs: 0 }, /timeoutMs: /],
    ['time without end', { url: 'http://127.0.0.1', timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs: /],
    ['a dispatcher that is none', { url: 'http://127.0.0.1', dispatcher: {} }, /dispatcher: expected a Dispatcher/],
    ['a clock that is none', { url: 'http://127.0.0.1', clock: {} }, /clock: expected a Clock/],
    ['an option that there is not', { url: 'http://127.0.0.1', timeout: 5 }, /Unrecognized key: "timeout"/],
  ])('with %s are refused at once, and no value shows', (_what, options, message) => {
    let thrown: unknown
    try {
      createClient(options as unknown as ClientOptions)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'HOTSPARE_API_OPTIONS', retryable: false, message: expect.stringMatching(message) })
    expect(String(thrown)).not.toMatch(/hunter2/)
  })
})

describe('calls', () => {
  it('says that nobody answers, and that it is worth another try', async () => {
    const client = createClient({ url: 'http://127.0.0.1:1' })
    await expect(client.status()).rejects.toMatchObject({
      code: 'HOTSPARE_API_UNREACHABLE',
      retryable: true,
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1: no answer: .*ECONNREFUSED.*hotspare run/),
    })
  })

  it('asks a pool with any key, and reads an answer of which a newer daemon says more', async () => {
    const asked: string[] = []
    const members = [
      { id: 'shop/a', tier: 0, weight: 1, state: 'up', passive: 'available', active: 2, because: 'the key goes here', colour: 'red' },
    ]
    const answer = {
      pool: 'shop',
      balance: 'maglev',
      target: 'shop/a',
      tier: 0,
      because: 'x',
      shares: [],
      targets: members,
      text: ['x'],
      more: 1,
    }
    const url = await daemon(({ url: path }, response) => {
      asked.push(path ?? '')
      response.end(JSON.stringify(asked.length > 2 ? { ...answer, targets: undefined } : answer))
    })
    const client = createClient({ url })
    expect(await client.explainPool('sh/op', { key: 'a&b=ü /?' })).toMatchObject({
      target: 'shop/a',
      targets: [{ id: 'shop/a', active: 2 }],
    })
    await client.explainPool('shop')
    expect(asked).toEqual(['/api/v1/pools/sh%2Fop/explain?key=a%26b%3D%C3%BC+%2F%3F', '/api/v1/pools/shop/explain'])
    await expect(client.explainPool('shop')).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER' })
  })

  it('gives up on a silent daemon in time, by the clock that it was given', async () => {
    const clock = new TestClock()
    const reached: string[] = []
    const client = createClient({ url: await daemon(({ url = '' }) => void reached.push(url)), timeoutMs: 60_000, clock })
    const [call, events] = [failureOf(client.status()), failureOf(client.events().next())]
    await expect.poll(() => reached.length).toBe(2)
    await clock.advance(60_000)
    expect(await call).toMatchObject({
      code: 'HOTSPARE_API_UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('GET /api/v1/status: no answer within 60000 ms'),
    })
    expect(await events).toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
    expect(clock.pendingTimers).toBe(0)
  })

  it('gives up on a daemon that begins an answer and does not end it', async () => {
    const clock = new TestClock()
    let begun = false
    const url = await daemon((_request, response) => void response.write('{', () => (begun = true)))
    const failure = failureOf(createClient({ url, clock }).status())
    await expect.poll(() => begun).toBe(true)
    await clock.advance(5_000)
    expect(await failure).toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
  })

  // Once an abort came as a daemon that cannot be reached, worth another try.
  it('throws the reason of an abort, before the call or within it', async () => {
    const url = await daemon(() => {})
    const reason = new Error('Ctrl-C')
    await expect(createClient({ url }).status({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const within = failureOf(createClient({ url }).drain('shop/a', { signal: abort.signal }))
    abort.abort(reason)
    expect(await within).toBe(reason)
    await expect(createClient({ url }).status({ signal: AbortSignal.abort('SIGINT') })).rejects.toMatchObject({
      code: 'HOTSPARE_CORE_ABORTED',
      message: 'aborted: SIGINT',
    })
  })

  it('passes on why the daemon refused, with its hint', async () => {
    const url = await daemon((_request, response) =>
      response.writeHead(404).end(JSON.stringify({ error: 'there is no target "x"', hint: 'did you mean "y"?' })),
    )
    await expect(createClient({ url }).explain('x')).rejects.toMatchObject({
      code: 'HOTSPARE_API_REFUSED',
      retryable: false,
      message: `${url}: there is no target "x": did you mean "y"?`,
    })
  })

  it.each([
    ['no JSON', '<html>', /not JSON/],
    ['another shape', '{"node":1}', /cannot be read/],
    ['nothing', '', /not JSON/],
  ])('says so when the answer is %s', async (_what, body, message) => {
    const client = createClient({ url: await daemon((_request, response) => response.end(body)) })
    await expect(client.status()).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER', message: expect.stringMatching(message) })
  })

  it('encodes the id, sends the token, and ignores fields that it does not know', async () => {
    const seen: string[] = []
    const url = await daemon((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      response.end(JSON.stringify({ ...target, newer: true }))
    })
    const client = createClient({ url: `${url}/`, token: 'secret' })
    expect(await client.drain('shop/a')).toEqual(target)
    expect(await client.undrain('shop/a')).toEqual(target)
    expect(seen).toEqual(['POST /api/v1/targets/shop%2Fa/drain Bearer secret', 'DELETE /api/v1/targets/shop%2Fa/drain Bearer secret'])
  })
})

it('forcing a change of records is a POST, and that there is none is a value', async () => {
  const seen: string[] = []
  const result = { ok: false, because: 'no change is held back' }
  const url = await daemon((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.end(JSON.stringify(result))
  })
  expect(await createClient({ url }).forceDns()).toEqual(result)
  expect(seen).toEqual(['POST /api/v1/dns/force'])
})

it('a reload says what is wanted, and that a file cannot be followed is a value', async () => {
  const seen: string[] = []
  const result = { ok: false, because: 'the file cannot be used', changes: [], problems: ['x.yaml:1:1: wrong'] }
  const url = await daemon((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    response.end(JSON.stringify(result))
  })
  const client = createClient({ url })
  expect(await client.reload()).toEqual(result)
  expect(await client.reload({ restart: false })).toEqual(result)
  expect(await client.reload({ restart: true })).toEqual(result)
  expect(seen).toEqual(['POST /api/v1/reload', 'POST /api/v1/reload', 'POST /api/v1/reload?restart=true'])
})

describe('events', () => {
  const line = (sequence: number): string =>
    `id: ${sequence}\nevent: target-down\ndata: ${JSON.stringify({ sequence, at: 1, type: 'target-down', text: 'd\u00fcster', targetId: 'shop/a' })}\n\n`

  it('yields entries as they come, however the bytes are split, and ends with the daemon', async () => {
    const url = await daemon((request, response) => {
      response.setHeader('x-path', request.url ?? '')
      void (async () => {
        for (const byte of Buffer.from(`: hello\n\n${line(7)}${line(8)}`)) {
          response.write(Buffer.of(byte))
          await pause(0)
        }
        response.end()
      })()
    })
    const entries = []
    for await (const entry of createClient({ url }).events({ after: 6 })) entries.push(entry)
    expect(entries).toMatchObject([
      { sequence: 7, text: 'd\u00fcster', targetId: 'shop/a' },
      { sequence: 8, type: 'target-down' },
    ])
  })

  it('ends quietly when the caller aborts', async () => {
    const url = await daemon((_request, response) => void response.write(line(1)))
    const abort = new AbortController()
    const entries = []
    for await (const entry of createClient({ url }).events({}, { signal: abort.signal })) {
      entries.push(entry.sequence)
      abort.abort()
    }
    expect(entries).toEqual([1])
  })

  it('yields nothing for a caller who has left before it opened', async () => {
    const url = await daemon(() => {})
    expect(await Array.fromAsync(createClient({ url }).events({}, { signal: AbortSignal.abort() }))).toEqual([])
    const abort = new AbortController()
    const entries = Array.fromAsync(createClient({ url }).events({}, { signal: abort.signal }))
    abort.abort()
    expect(await entries).toEqual([])
  })

  // Once it was taken for a daemon that cannot be reached.
  it('says so when an event is larger than any of ours', async () => {
    const url = await daemon((_request, response) => void response.write(`${line(1)}data: ${'x'.repeat(1024 * 1024)}`))
    const events = createClient({ url }).events()
    expect((await events.next()).value).toMatchObject({ sequence: 1 })
    await expect(events.next()).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER', message: expect.stringMatching(/1048576 characters/) })
  })

  it('throws when the daemon dies in the middle or sends what is no event', async () => {
    const dying = await daemon((_request, response) => void response.write(line(1), () => setTimeout(() => response.destroy(), 20)))
    await expect(Array.fromAsync(createClient({ url: dying }).events())).rejects.toMatchObject({ code: 'HOTSPARE_API_UNREACHABLE' })
    const wrong = await daemon((_request, response) => response.end('data: nonsense\n\n'))
    await expect(Array.fromAsync(createClient({ url: wrong }).events())).rejects.toMatchObject({ code: 'HOTSPARE_API_ANSWER' })
  })
})
