import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deadTarget, exchangeRaw, httpOrigin, rawOrigin, type RunningProxy, startProxy, until } from '../origins.fixture.ts'
import { ask, http2Client, SHOP, startTlsProxy, tlsClient } from '../tls.fixture.ts'
import type { RequestFinishedEvent } from '../types.ts'

async function finished(running: RunningProxy, count = 1): Promise<RequestFinishedEvent> {
  await until(() => running.of('request-finished').length >= count, 'the end of the request')
  const event = running.of('request-finished')[count - 1]
  if (!event) throw new Error('no event')
  return event
}

/** An answer in the target's own framing. */
async function answering(bytes: string): Promise<RunningProxy> {
  return startProxy([await rawOrigin((socket) => socket.once('data', () => socket.end(bytes, 'latin1')))])
}

describe('of a request, its event tells', () => {
  it('what came, where it was not understood', async () => {
    const running = await startProxy([])
    await exchangeRaw(running.port, '\u0016\u0003\u0001 hello\r\nHost: a\r\n\r\n')
    const { request, ...event } = await finished(running)
    expect(event).toMatchObject({ method: '-', outcome: 'refused', status: 400, reason: 'bad-request', attempts: 0, receivedBytes: 0 })
    expect(event.sentBytes).toBeGreaterThan(0)
    expect(request).toMatchObject({ unread: '\u0016\u0003\u0001 hello', protocol: '', remoteAddress: '127.0.0.1', tls: undefined })
  })

  it('its first line, where the rest of it is wrong, also when that came in pieces', async () => {
    const running = await startProxy([])
    const socket = connect(running.port, '127.0.0.1').on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write('GET /where?a=b HT')
    await new Promise((resolve) => setImmediate(resolve))
    socket.write('TP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
    expect((await finished(running)).request.unread).toBe('GET /where?a=b HTTP/1.1')
  })

  it('what was asked and by whom', async () => {
    const running = await startProxy([await httpOrigin((_incoming, response) => response.end('ok'))])
    const lines = [
      'GET /a?b="c" HTTP/1.1',
      'Host: Shop.example:81',
      'REFERER:  \thttp://x/ \t',
      'X-User-Agent: no',
      'user-agent: caf\u00e9',
      'Connection: close',
    ]
    await exchangeRaw(running.port, `${lines.join('\r\n')}\r\n\r\n`)
    const { request, targetId } = await finished(running)
    expect(request).toMatchObject({
      method: 'GET',
      url: '/a?b="c"',
      host: 'Shop.example:81',
      protocol: 'HTTP/1.1',
      remoteAddress: '127.0.0.1',
    })
    expect(request.remotePort).toBeGreaterThan(0)
    expect([request.header('referer'), request.header('user-agent'), request.header('agent')]).toEqual([
      'http://x/',
      'caf\u00c3\u00a9',
      undefined,
    ])
    expect(targetId).toMatch(/^origin/)
  })

  it('the address of a client that is gone', async () => {
    const running = await startProxy([await httpOrigin(() => {})])
    const socket = connect(running.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    await until(() => running.proxy.active === 1, 'the request')
    socket.destroy()
    const event = await finished(running)
    expect(event).toMatchObject({ outcome: 'client-gone', status: 0, reason: 'client-left', firstByteMs: undefined, sentBytes: 0 })
    expect(event.request.remoteAddress).toBe('127.0.0.1')
  })

  it('when the head of the answer came, and not that of an answer that was repeated', async () => {
    const breaking = await rawOrigin((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')))
    const running = await startProxy([breaking, await httpOrigin((_incoming, response) => response.end('whole'))])
    expect(await (await fetch(running.url)).text()).toBe('whole')
    const event = await finished(running)
    const [, last] = running.of('attempt-finished')
    expect(event).toMatchObject({ attempts: 2, outcome: 'answered', reason: undefined, sentBytes: 5 })
    expect(event.firstByteMs).toBeGreaterThanOrEqual(last?.firstByteMs ?? Number.NaN)
    expect(event.firstByteMs).toBeLessThanOrEqual(event.durationMs)
  })

  it('no such time where the head came, but nothing went on to the client', async () => {
    const running = await answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')
    expect(await exchangeRaw(running.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 50/)
    expect(await finished(running)).toMatchObject({ outcome: 'refused', firstByteMs: undefined })
    expect(running.of('attempt-finished')[0]?.status).toBe(200)
  })
})

describe('the bytes of an answer are counted', () => {
  const close = 'Connection: close\r\n\r\n'
  const get = `GET / HTTP/1.1\r\nHost: a\r\n${close}`
  it.each([
    ['that is held back until it is whole', `HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`, 5],
    ['that flows through', `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(100_000)}`, 100_000],
    ['in chunks, as they go out', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', 15],
    ['without a length, that goes out in chunks', 'HTTP/1.1 200 OK\r\n\r\nhello', 15],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', 0],
    ['that breaks after a part', `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(70_000)}`, 70_000],
  ])('%s', async (_what, answer, expected) => {
    const running = await answering(answer)
    const received = await exchangeRaw(running.port, get)
    expect((await finished(running)).sentBytes).toBe(expected)
    expect(received.length - received.indexOf('\r\n\r\n') - 4).toBeLessThanOrEqual(expected)
  })

  it('of the proxy itself, and of none for HEAD', async () => {
    const running = await startProxy([])
    const received = await exchangeRaw(running.port, get)
    expect((await finished(running)).sentBytes).toBe(received.length - received.indexOf('\r\n\r\n') - 4)
    await exchangeRaw(running.port, `HEAD / HTTP/1.1\r\nHost: a\r\n${close}`)
    expect((await finished(running, 2)).sentBytes).toBe(0)
  })

  it('and those of a request, kept or flowing', async () => {
    const running = await startProxy([await httpOrigin((incoming, response) => void incoming.resume().once('end', () => response.end()))])
    await exchangeRaw(running.port, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n${close}hello`)
    expect((await finished(running)).receivedBytes).toBe(5)
    await exchangeRaw(running.port, `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${close}5\r\nhello\r\n0\r\n\r\n`)
    expect((await finished(running, 2)).receivedBytes).toBe(15)
  })

  it('and those of a WebSocket both ways, whatever came with the two heads', async () => {
    const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const origin = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.write(`${head}\u0081\u0003one`, 'latin1')
        socket.once('data', () => socket.end('\u0081\u0003two\u0088\u0000', 'latin1'))
      })
    })
    const running = await startProxy([origin])
    const asks = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const socket = connect(running.port, '127.0.0.1', () => socket.write(asks))
    onTestFinished(() => void socket.destroy())
    socket.once('data', () => socket.write(Buffer.alloc(11, 'x')))
    await once(
      socket.on('error', () => {}),
      'close',
    )
    expect(await finished(running)).toMatchObject({ status: 101, receivedBytes: 11, sentBytes: 12 })
  })
})

describe('why a request ended is told in a word', () => {
  it.each([
    ['no-target', 503, async () => startProxy([])],
    ['no-target', 503, async () => startProxy([], { pick: () => ({ refused: 'not now' }) })],
    [
      'picker-failed',
      500,
      async () =>
        startProxy([], {
          pick: () => {
            throw new Error('broken')
          },
        }),
    ],
    ['attempts-used-up', 502, async () => startProxy([await deadTarget(), await deadTarget()], { attempts: 2 })],
    ['budget-used-up', 503, async () => startProxy([await deadTarget()], { retryRatio: 0, minimumRetriesPerSecond: 0 })],
    ['target-broke', 200, async () => answering(`HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(70_000)}`)],
    [undefined, 404, async () => answering('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')],
  ] as const)('%s', async (reason, status, start) => {
    const running = await start()
    await exchangeRaw(running.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await finished(running)).toMatchObject({ reason, status })
  })

  it('not-repeatable, of a POST that may have arrived', async () => {
    const running = await startProxy([await rawOrigin((socket) => socket.once('data', () => socket.destroy()))])
    await exchangeRaw(running.port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    expect(await finished(running)).toMatchObject({ reason: 'not-repeatable', status: 502 })
  })

  it('proxy-full, past the requests that may be under way', async () => {
    const running = await startProxy([await httpOrigin(() => {})], { maxRequests: 1, drainTimeoutMs: 0 })
    const socket = connect(running.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'))
    onTestFinished(() => void socket.destroy())
    await until(() => running.proxy.active === 1, 'the first request')
    await exchangeRaw(running.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await finished(running)).toMatchObject({ reason: 'proxy-full', status: 503 })
  })

  it('proxy-stopped, of a WebSocket that is open at the end of the drain', async () => {
    const origin = await rawOrigin((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'))
    })
    const running = await startProxy([origin], { drainTimeoutMs: 0, lameDuckMs: 0 })
    const asks = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const socket = connect(running.port, '127.0.0.1', () => socket.write(asks)).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'data')
    await running.proxy.stop()
    expect(await finished(running)).toMatchObject({ reason: 'proxy-stopped', outcome: 'cut', status: 101 })
  })
})

describe('of a request over TLS, its event tells', () => {
  it('the version and the name that was asked for', async () => {
    const running = await startTlsProxy([await httpOrigin((_incoming, response) => response.end('ok'))])
    const client = await tlsClient(running.port)
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await client.closed
    expect((await finished(running)).request).toMatchObject({ protocol: 'HTTP/1.1', tls: { version: 'TLSv1.3', serverName: SHOP } })
  })

  it('the same where it came by HTTP/2', async () => {
    const running = await startTlsProxy([await httpOrigin((_incoming, response) => response.end('ok'))])
    const answer = await ask(http2Client(running.port), { ':path': '/two', 'user-agent': 'h2/1' })
    expect(answer.status).toBe(200)
    const { request, sentBytes } = await finished(running)
    expect(request).toMatchObject({ url: '/two', host: SHOP, protocol: 'HTTP/2.0', remoteAddress: '127.0.0.1' })
    expect([request.header('user-agent'), request.tls, sentBytes]).toEqual(['h2/1', { version: 'TLSv1.3', serverName: SHOP }, 2])
  })
})
