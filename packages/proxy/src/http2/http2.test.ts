import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { request } from 'undici'
import { beforeEach, describe, expect, it } from 'vitest'
import { needOpenssl } from '../certificates.fixture.ts'
import { deadTarget, endlessOrigin, httpOrigin, rawOrigin, until } from '../origins.fixture.ts'
import { agent, answerOf, ask, http2Client, SHOP, startTlsProxy } from '../tls.fixture.ts'
import { textTarget } from '../wire/raw-client.fixture.ts'
import { codeOf, FRAME, get, rawHttp2Client } from './raw-frames.fixture.ts'

beforeEach(needOpenssl)

const MANY = { minimumRetriesPerSecond: 1_000 }
const INTERNAL_ERROR = 2
const CANCEL = 8

/** An origin that answers with what it was asked. */
const echo = () =>
  httpOrigin((incoming, response) => {
    let body = ''
    incoming.on('data', (piece) => (body += String(piece)))
    incoming.on('end', () => response.end(JSON.stringify({ method: incoming.method, url: incoming.url, headers: incoming.headers, body })))
  })

/** A target that answers each request with this, as it is. */
const saying = (answer: string) => rawOrigin(textTarget((heard, socket) => void (heard.endsWith('\r\n\r\n') && socket.write(answer))))

describe('a request by HTTP/2', () => {
  it('whose target is dead, or breaks a small answer, is repeated elsewhere', async () => {
    const half = await rawOrigin((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')))
    const { port, of } = await startTlsProxy([await deadTarget(), half, await echo()], {}, MANY)
    expect(await ask(http2Client(port))).toMatchObject({ status: 200, code: 0 })
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered', status: 200, attempts: 3 }])
  })

  it.each([
    ['a length', `HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n${'x'.repeat(80_000)}`],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
  ])('whose answer with %s breaks off is reset, and others on its connection go on', async (_what, answer) => {
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => socket.write(answer, () => setTimeout(() => socket.resetAndDestroy(), 5))),
    )
    const good = await echo()
    const { port, of } = await startTlsProxy(
      [],
      {},
      { pick: ({ request: { url } }) => ({ target: url === '/good' ? good : breaking, reason: '', done() {} }) },
    )
    const session = http2Client(port)
    for (let count = 0; count < 10; count += 1) {
      const [broken, whole] = await Promise.all([ask(session), ask(session, { ':path': '/good' })])
      expect(broken).toMatchObject({ status: 200, code: INTERNAL_ERROR })
      expect(whole).toMatchObject({ status: 200, code: 0 })
    }
    expect(of('request-finished').filter(({ outcome }) => outcome === 'cut')).toHaveLength(10)
  })

  it('that waits at a target which is abandoned goes elsewhere', async () => {
    let asked = 0
    const silent = await rawOrigin((socket) => socket.on('data', () => (asked += 1)))
    const { port, proxy } = await startTlsProxy([silent, await echo()])
    const answer = ask(http2Client(port))
    await until(() => asked === 1, 'the first attempt')
    proxy.abandon(silent.id, 'it is down')
    expect(await answer).toMatchObject({ status: 200 })
  })

  it('that is taken back ends its attempt', async () => {
    let closed = 0
    const silent = await rawOrigin((socket) => socket.resume().once('close', () => (closed += 1)))
    const { port, of, proxy } = await startTlsProxy([silent])
    const stream = http2Client(port).request({ ':path': '/' })
    await until(() => silent.connections() === 1, 'the attempt')
    stream.close(CANCEL)
    await until(() => closed === 1, 'the end of the attempt')
    expect(proxy.active).toBe(0)
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone', status: 0 }])
  })

  it('is shown to its target as any other, its cookies in one line', async () => {
    const { port } = await startTlsProxy([await echo()])
    const headers = { cookie: ['a=1', 'b=2'], te: 'trailers', 'x-name': 'gr\u00fc\u00df', 'x-forwarded-for': '203.0.113.9' }
    const { body } = await ask(http2Client(port), { ':path': '/p?q=1', ...headers })
    const shown = JSON.parse(Buffer.from(body, 'latin1').toString())
    expect(shown).toMatchObject({ method: 'GET', url: '/p?q=1', body: '' })
    expect(shown.headers).toMatchObject({
      host: SHOP,
      cookie: 'a=1; b=2',
      'x-name': 'gr\u00fc\u00df',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
      forwarded: 'for=127.0.0.1;host=shop.example;proto=https',
    })
    for (const name of ['te', 'connection', 'transfer-encoding', 'content-length']) expect(shown.headers).not.toHaveProperty(name)
  })

  it.each([
    ['in chunks, where its length is not known', {}, { 'transfer-encoding': 'chunked' }],
    ['with its length', { 'content-length': 10_000 }, { 'content-length': '10000' }],
  ])('brings its body %s', async (_what, headers, seen) => {
    const { port } = await startTlsProxy([await echo()])
    const body = 'b'.repeat(10_000)
    const shown = JSON.parse((await ask(http2Client(port), { ':method': 'POST', ...headers }, body)).body)
    expect(shown).toMatchObject({ method: 'POST', body, headers: seen })
  })

  it('that is told to wait for 100 gets it, and its answer', async () => {
    const { port } = await startTlsProxy([await echo()])
    const stream = http2Client(port).request({ ':path': '/', ':method': 'POST', expect: '100-continue' })
    stream.once('continue', () => stream.end('now'))
    expect(JSON.parse((await answerOf(stream)).body)).toMatchObject({ body: 'now' })
  })

  it('is answered before the end of its upload, where its target does that', async () => {
    const target = await rawOrigin((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig')),
    )
    const { port, proxy } = await startTlsProxy([target])
    const session = http2Client(port)
    const stream = session.request({ ':path': '/', ':method': 'POST' })
    stream.write(Buffer.alloc(300_000))
    let body = ''
    stream.on('data', (piece) => (body += String(piece)))
    const [headers] = await once(stream, 'response')
    expect(headers[':status']).toBe(413)
    await until(() => body === 'big', 'the body')
    stream.close(CANCEL)
    expect(await ask(session)).toMatchObject({ status: 413 })
    expect(proxy.active).toBe(0)
  })

  it('finds its limits: more than the connection may carry at a time waits, and none fails', async () => {
    let most = 0
    let now = 0
    const slow = await httpOrigin((_incoming, response) => {
      now += 1
      most = Math.max(most, now)
      setTimeout(() => {
        now -= 1
        response.end('ok')
      }, 20)
    })
    const { port } = await startTlsProxy([slow], { maxConcurrentStreams: 10 })
    const session = http2Client(port)
    await once(session, 'remoteSettings')
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(session)))
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
    expect(most).toBeLessThanOrEqual(10)
  })

  it('past the limit of requests is told 503', async () => {
    const silent = await rawOrigin((socket) => socket.resume())
    const { port } = await startTlsProxy([silent], {}, { maxRequests: 1 })
    const session = http2Client(port)
    session.request({ ':path': '/' }).on('error', () => {})
    await until(() => silent.connections() === 1, 'the first request')
    expect(await ask(session)).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  })
})

describe('an answer by HTTP/2', () => {
  it.each([
    ['204', {}, 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
    ['304', {}, 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', { status: 304, body: '', headers: { etag: '"1"' } }],
    [
      'HEAD',
      { ':method': 'HEAD' },
      'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n',
      { status: 200, body: '', headers: { 'content-length': '1234' } },
    ],
    ['nothing', {}, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', { status: 200, body: '' }],
    [
      'chunks',
      {},
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n',
      { status: 200, body: 'abcde' },
    ],
    [
      'cookies',
      {},
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
      { headers: { 'set-cookie': ['a=1', 'b=2'] } },
    ],
    [
      'a type twice',
      {},
      'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n',
      { headers: { 'content-type': 'a/b, c/d' } },
    ],
    [
      'what is for one connection alone',
      {},
      'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nHTTP2-Settings: x\r\nX-Own: 1\r\nConnection: keep-alive, x-own\r\nContent-Length: 0\r\n\r\n',
      { status: 200 },
    ],
    [
      'high bytes',
      {},
      'HTTP/1.1 200 OK\r\nX-Name: gr\u00fc\u00df\r\nContent-Length: 2\r\n\r\n\u00fc!',
      { headers: { 'x-name': 'gr\u00fc\u00df' }, body: '\u00fc!' },
    ],
  ])('with %s is what the target said', async (_what, headers, said, heard) => {
    const target = await rawOrigin(textTarget((text, socket) => void (text.endsWith('\r\n\r\n') && socket.write(said, 'latin1'))))
    const { port, of } = await startTlsProxy([target])
    const answer = await ask(http2Client(port), headers)
    expect(answer).toMatchObject({ code: 0, ...heard })
    for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'http2-settings', 'x-own'])
      expect(answer.headers).not.toHaveProperty(name)
    await until(() => of('request-finished').length === 1, 'the event')
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered' }])
  })

  it('that HTTP/2 cannot say is reset, and nothing else is hurt', async () => {
    const target = await saying('HTTP/1.1 799 Odd\r\nContent-Length: 2\r\n\r\nok')
    const { port, of, proxy } = await startTlsProxy([target])
    const session = http2Client(port)
    expect(await ask(session)).toMatchObject({ status: undefined, code: INTERNAL_ERROR })
    expect(await ask(session)).toMatchObject({ status: undefined, code: INTERNAL_ERROR })
    await until(() => of('request-finished').length === 2 && proxy.active === 0, 'the end of both')
  })

  it('with a body where there is none ends with its head', async () => {
    const { port } = await startTlsProxy([
      await saying('HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    ])
    expect(await ask(http2Client(port))).toMatchObject({ status: 205, body: '', code: 0 })
  })

  it('may be announced by others', async () => {
    const target = await saying('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const { port } = await startTlsProxy([target])
    const stream = http2Client(port).request({ ':path': '/' })
    const early = once(stream, 'headers')
    expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'ok' })
    expect((await early)[0]).toMatchObject({ ':status': 103, link: '</a.css>' })
  })

  it('as large as the limits allow has room for what the proxy adds', async () => {
    const target = await saying(`HTTP/1.1 200 OK\r\nX-Large: ${'x'.repeat(16_250)}\r\nContent-Length: 2\r\n\r\nok`)
    const { port } = await startTlsProxy(
      [target],
      {},
      {
        pick: () => ({ target, reason: '', setCookie: `a=${'y'.repeat(500)}`, done() {} }),
      },
    )
    expect(await ask(http2Client(port))).toMatchObject({ status: 200, body: 'ok' })
  })

  it('that nobody reads is not fetched, and does not hold up its neighbours', async () => {
    let written = 0
    const origin = await httpOrigin((incoming, response) => {
      if (incoming.url === '/small') return void response.end('small')
      const piece = Buffer.alloc(65_536)
      const pump = () => {
        while (!response.destroyed && written < 200_000_000) {
          written += piece.length
          if (!response.write(piece)) return
        }
      }
      response.on('drain', pump)
      pump()
    })
    const { port, proxy } = await startTlsProxy([origin])
    const session = http2Client(port)
    const stream = session.request({ ':path': '/' }).pause()
    await standstill(() => written)
    expect(written).toBeLessThan(40_000_000)
    expect(await ask(session, { ':path': '/small' })).toMatchObject({ body: 'small' })
    stream.close(CANCEL)
    await until(() => proxy.active === 0, 'the end of it')
  })

  it('that nobody reads at all ends after the longest silence', async () => {
    const origin = await endlessOrigin()
    const { port, of } = await startTlsProxy([origin], {}, { idleTimeoutMs: 300 })
    const stream = http2Client(port).request({ ':path': '/' }).pause()
    stream.on('error', () => {})
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ outcome: 'client-gone' }])
    expect(origin.open()).toBeLessThanOrEqual(1)
  })
})

it('an upload that its target does not take is not taken from the client, and others are', async () => {
  const deaf = await rawOrigin((socket) => socket.pause())
  const good = await echo()
  const { port } = await startTlsProxy(
    [],
    {},
    { pick: ({ request: { url } }) => ({ target: url === '/good' ? good : deaf, reason: '', done() {} }) },
  )
  const session = http2Client(port)
  const stream = session.request({ ':path': '/', ':method': 'POST' })
  stream.on('error', () => {})
  const piece = Buffer.alloc(65_536)
  let sent = 0
  const pump = () =>
    stream.write(piece, (error) => {
      sent += piece.length
      if (!error && sent < 200_000_000) pump()
    })
  pump()
  await standstill(() => sent)
  expect(sent).toBeLessThan(40_000_000)
  expect(await ask(session, { ':path': '/good' })).toMatchObject({ status: 200 })
})

describe('a connection of HTTP/2', () => {
  it('ends politely when it has been idle, and not while a request is under way', async () => {
    const slow = await httpOrigin((_incoming, response) => void setTimeout(() => response.end('ok'), 400))
    const { port, proxy } = await startTlsProxy([slow], {}, { keepAliveTimeoutMs: 100 })
    const session = http2Client(port)
    const told = once(session, 'goaway')
    expect(await ask(session)).toMatchObject({ status: 200 })
    expect((await told)[0]).toBe(0)
    if (!session.closed) await once(session, 'close')
    await until(() => proxy.connections === 0, 'nothing left')
  })

  it('of a client that asks for nothing ends as well', async () => {
    const { port } = await startTlsProxy([], {}, { keepAliveTimeoutMs: 100 })
    const session = http2Client(port)
    await once(session, 'close')
    expect(session.destroyed).toBe(true)
  })

  it('that breaks takes its requests back', async () => {
    const silent = await rawOrigin((socket) => socket.resume())
    const { port, proxy, of } = await startTlsProxy([silent])
    const session = http2Client(port)
    for (let count = 0; count < 3; count += 1) session.request({ ':path': '/' }).on('error', () => {})
    await until(() => proxy.active === 3, 'the requests')
    session.destroy()
    await until(() => proxy.active === 0, 'their end')
    expect(of('request-finished').map(({ outcome }) => outcome)).toEqual(Array(3).fill('client-gone'))
    await until(() => proxy.connections === 0, 'nothing left')
  })
})

describe('a proxy that stops', () => {
  /** Asks again and again, as a client that opens another connection when it is told to leave. */
  async function clientAtWork(
    port: () => number,
    working: () => boolean,
  ): Promise<{ readonly answered: number; readonly failed: readonly unknown[] }> {
    let session: ClientHttp2Session | undefined
    let answered = 0
    const failed: unknown[] = []
    while (working()) {
      if (!session || session.closed || session.destroyed) session = http2Client(port())
      const answer = await ask(session)
      if (answer.status === 200 && answer.code === 0) answered += 1
      else failed.push(answer)
    }
    return { answered, failed }
  }

  it('tells its clients to leave, so that no request of theirs fails', async () => {
    const origin = await httpOrigin((_incoming, response) => void setTimeout(() => response.end('ok'), 5))
    const [first, second] = [await startTlsProxy([origin], {}, { lameDuckMs: 100 }), await startTlsProxy([origin])]
    let port = first.port
    let working = true
    const isWorking = () => working
    const clients = Promise.all([0, 1, 2, 3].map(() => clientAtWork(() => port, isWorking)))
    const dispatcher = agent()
    const undici = (async () => {
      const statuses = new Set<number>()
      while (isWorking()) {
        const { statusCode, body } = await request(`https://127.0.0.1:${port}`, { dispatcher })
        await body.dump()
        statuses.add(statusCode)
      }
      return statuses
    })()
    await until(() => first.of('request-finished').length > 50, 'some requests')
    port = second.port
    await first.proxy.stop()
    await until(() => second.of('request-finished').length > 50, 'some more')
    working = false
    for (const { answered, failed } of await clients) {
      expect(answered).toBeGreaterThan(5)
      expect(failed).toEqual([])
    }
    expect(await undici).toEqual(new Set([200]))
  })

  it('tells a client with its next request to leave, and answers that and those on their way', async () => {
    const origin = await httpOrigin((_incoming, response) => void setTimeout(() => response.end('ok'), 30))
    const { port, proxy } = await startTlsProxy([origin], {}, { lameDuckMs: 1_000 })
    const session = http2Client(port)
    expect(await ask(session)).toMatchObject({ status: 200 })
    const told = once(session, 'goaway')
    const stopped = proxy.stop()
    const answers = await Promise.all([ask(session), ask(session)])
    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }])
    expect((await told).slice(0, 2)).toEqual([0, 2 ** 31 - 1])
    await stopped
  })

  it('handed over, does not wait for a client that was told to leave and stays', async () => {
    const origin = await httpOrigin((_incoming, response) => response.end('ok'))
    const { port, proxy } = await startTlsProxy([origin])
    const client = await rawHttp2Client(port)
    const stopped = proxy.stop({ handedOver: true })
    client.send(get(1))
    expect(codeOf(await client.hears(FRAME.goaway))).toBe(0)
    expect((await client.hears(FRAME.data, 1)).payload.toString()).toBe('ok')
    await client.closed
    await stopped
    expect(client.of(FRAME.goaway).map(({ payload }) => payload.readUInt32BE(0))).toEqual([2 ** 31 - 1, 1])
  })

  it('lets what is under way end, and cuts the rest after the drain', async () => {
    let answer = () => {}
    const target = await rawOrigin((socket) =>
      socket.once('data', (data) => {
        if (String(data).startsWith('GET /slow')) answer = () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow')
      }),
    )
    const { port, proxy } = await startTlsProxy([target], {}, { drainTimeoutMs: 300 })
    const session = http2Client(port)
    const [slow, never] = [ask(session, { ':path': '/slow' }), ask(session, { ':path': '/never' })]
    await until(() => target.connections() === 2, 'both')
    const stopped = proxy.stop()
    await once(session, 'goaway')
    answer()
    expect(await slow).toMatchObject({ status: 200, body: 'slow', code: 0 })
    await stopped
    const { code, status } = await never
    expect([code !== 0, status]).toEqual([true, undefined])
  })
})

it('curl fetches many things at once', async (context) => {
  context.skip(spawnSync('curl', ['-V']).status !== 0, 'not installed: curl')
  const origin = await httpOrigin((incoming, response) => response.end(`${incoming.url}\n`.repeat(1_000)))
  const { port } = await startTlsProxy([origin])
  const child = spawn('curl', ['-sk', '--http2', '-Z', '--fail', `https://127.0.0.1:${port}/[1-40]`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let bytes = 0
  child.stdout.on('data', (data) => (bytes += data.length))
  await once(child, 'close')
  expect([child.exitCode, bytes]).toEqual([0, 1_000 * (9 * 3 + 31 * 4)])
})

async function standstill(count: () => number): Promise<void> {
  let before = -1
  let looks = 0
  await until(() => {
    looks = before === count() && before > 0 ? looks + 1 : 0
    before = count()
    return looks === 20
  }, 'a standstill')
}
