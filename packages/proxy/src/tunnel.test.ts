import { createServer } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ProxyTarget } from './index.ts'
import { deadTarget, exchangeRaw, httpOrigin, rawOrigin, startProxy, until } from './origins.fixture.ts'

const upgrade =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** A real WebSocket server that says everything back in capitals. */
async function echoServer(): Promise<ProxyTarget & { readonly closes: readonly number[] }> {
  const http = createServer()
  const closes: number[] = []
  const sockets = new WebSocketServer({ server: http })
  sockets.on('connection', (socket, request) => {
    socket.send(`hello ${request.url} ${request.headers['x-forwarded-for']}`)
    socket.on('close', (code) => closes.push(code))
    socket.on('message', (data, binary) => socket.send(binary ? data : String(data).toUpperCase()))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate()
    http.close()
  })
  const address = http.address()
  return { id: 'echo', url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, closes }
}

async function open(port: number): Promise<{ socket: WebSocket; messages: string[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`)
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  return { socket, messages }
}

describe('a WebSocket', () => {
  it('is carried both ways, also when the first target is dead', async () => {
    const { port, of, proxy } = await startProxy([await deadTarget(), await echoServer()])
    const { socket, messages } = await open(port)
    socket.send('quiet')
    await until(() => messages.length === 2, 'two messages')
    expect(messages).toEqual(['hello /chat 127.0.0.1', 'QUIET'])
    expect(of('request-retried')).toHaveLength(1)
    expect(proxy.active).toBe(1)
    socket.close()
    await until(() => proxy.active === 0, 'the end of the tunnel')
  })

  it('carries a megabyte in one message whole', async () => {
    const { port } = await startProxy([await echoServer()])
    const { socket, messages } = await open(port)
    socket.send('x'.repeat(1024 * 1024))
    await until(() => messages.length === 2, 'the echo')
    expect(messages[1]).toBe('X'.repeat(1024 * 1024))
  })

  it('is cut when nothing is said for too long, and the record says so', async () => {
    const { port, of } = await startProxy([await echoServer()], { tunnelIdleTimeoutMs: 50 })
    const { socket } = await open(port)
    await once(socket, 'close')
    expect(of('request-finished')).toMatchObject([{ outcome: 'cut', status: 101, because: 'nothing was said for 50 ms' }])
  })

  it('is taken to another target when the one that it waits for is declared down', async () => {
    const frozen = await rawOrigin(() => {})
    const { port, proxy, of } = await startProxy([frozen, await echoServer()])
    const opening = open(port)
    await until(() => frozen.connections() === 1, 'the upgrade at the frozen target')
    proxy.abandon(frozen.id, 'it is down')
    await opening
    expect(of('request-retried')).toMatchObject([{ failure: { reason: 'abandoned' } }])
  })

  it('ends for the client when its target dies', async () => {
    const target = await rawOrigin((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', () =>
          setTimeout(() => socket.resetAndDestroy(), 30),
        ),
      ),
    )
    const { port, of } = await startProxy([target])
    expect(await exchangeRaw(port, upgrade)).toMatch(/^HTTP\/1\.1 101 /)
    expect(of('request-finished')).toMatchObject([{ status: 101, outcome: 'cut' }])
  })

  it('runs on through a drain, and at its end both sides are told 1001', async () => {
    const echo = await echoServer()
    const { port, proxy, of } = await startProxy([echo], { drainTimeoutMs: 200 })
    const { socket, messages } = await open(port)
    const closed = once(socket, 'close')
    const stopped = proxy.stop()
    socket.send('still')
    await until(() => messages.includes('STILL'), 'the echo in mid-drain')
    await stopped
    expect(await closed).toMatchObject([1001, Buffer.alloc(0)])
    await until(() => echo.closes.length === 1, 'the end at the target')
    expect(echo.closes).toEqual([1001])
    expect(of('request-finished')).toMatchObject([{ outcome: 'cut', status: 101, because: 'the proxy has stopped' }])
  })

  it('whose target is in the middle of a frame is cut at the end of a drain, and its target still told', async () => {
    let said = Buffer.alloc(0)
    // The head of a frame of 100 bytes, and three of them.
    const beginning = Buffer.from([0x82, 100, 1, 2, 3])
    const target = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        socket.write(beginning)
        socket.on('data', (data) => (said = Buffer.concat([said, data])))
      })
    })
    const { port, proxy } = await startProxy([target], { drainTimeoutMs: 50 })
    let heard = Buffer.alloc(0)
    const client = connect(port, '127.0.0.1', () => client.write(upgrade))
    client.on('data', (data) => (heard = Buffer.concat([heard, data])))
    const error = new Promise<Error>((resolve) => client.once('error', resolve))
    await until(() => heard.includes(beginning), 'half a frame')
    await proxy.stop()
    expect(await error).toMatchObject({ code: 'ECONNRESET' })
    expect(heard.subarray(heard.indexOf('\r\n\r\n') + 4).equals(beginning)).toBe(true)
    await until(() => said.length === 8, 'the word to the target')
    expect(said.subarray(0, 2)).toEqual(Buffer.from([0x88, 0x82]))
  })

  it('that one side has closed already is closed no second time', async () => {
    const close = Buffer.from([0x88, 2, 3, 232])
    const target = await rawOrigin((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        socket.write(close)
      })
    })
    const { port, proxy } = await startProxy([target], { drainTimeoutMs: 50 })
    let heard = Buffer.alloc(0)
    const client = connect(port, '127.0.0.1', () => client.write(upgrade))
    client.on('data', (data) => (heard = Buffer.concat([heard, data])))
    const ended = once(client, 'end')
    await until(() => heard.includes(close), 'the end as the target says it')
    await proxy.stop()
    await ended
    expect(heard.subarray(heard.indexOf('\r\n\r\n') + 4).equals(close)).toBe(true)
  })
})

describe('an upgrade that does not happen', () => {
  it('passes the answer of a target that declines on, and lets nothing more through on that connection', async () => {
    const origin = await httpOrigin((_incoming, response) => response.writeHead(403, { 'x-why': 'no' }).end('go away'))
    const { port } = await startProxy([origin])
    const answer = await exchangeRaw(port, `${upgrade}GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*x-why: no[\s\S]*connection: close[\s\S]*go away/)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(origin.connections()).toBe(1)
  })

  it('to HTTP/2 is ignored, as curl expects it: the request is answered in HTTP/1.1', async () => {
    const origin = await httpOrigin((incoming, response) => response.end(`${incoming.headers.upgrade} ${incoming.url}`))
    const { port } = await startProxy([origin])
    const answer = await exchangeRaw(
      port,
      upgrade.replace('websocket', 'h2c').replace('Connection: Upgrade', 'Connection: Upgrade, HTTP2-Settings, close'),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close[\s\S]*undefined \/chat$/i)
  })

  it('leaves a POST a POST, and HTTP/1.0 without an upgrade', async () => {
    const origin = await httpOrigin((incoming, response) => response.end(`${incoming.method} ${incoming.headers.upgrade}`))
    const { port } = await startProxy([origin])
    expect(await exchangeRaw(port, upgrade.replace('GET', 'POST').replace('Connection: Upgrade', 'Connection: Upgrade, close'))).toMatch(
      /POST undefined$/,
    )
    expect(await exchangeRaw(port, upgrade.replace('HTTP/1.1', 'HTTP/1.0'))).toMatch(/GET undefined$/)
  })

  it('holds no socket of a client that never closes, and does not hold up a stop', async () => {
    const origin = await httpOrigin((_incoming, response) => response.writeHead(403).end('no'))
    const { port, proxy } = await startProxy([origin])
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(upgrade))
    onTestFinished(() => void socket.destroy())
    socket.resume()
    await new Promise((resolve) => socket.once('end', resolve))
    await until(() => proxy.active === 0, 'the socket let go')
    await proxy.stop()
    expect(proxy.active).toBe(0)
  })

  it('resets the client when a declined answer without a length breaks: its end would look like the end', async () => {
    const target = await rawOrigin((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () => setTimeout(() => socket.destroy(), 30)),
      ),
    )
    const { port } = await startProxy([target])
    const socket = connect(port, '127.0.0.1', () => socket.write(upgrade))
    socket.resume()
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve))
    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('reports an answer that breaks in the middle as cut, not as the doing of the client', async () => {
    const breaking = await httpOrigin((incoming, response) => {
      response.writeHead(403, { 'content-length': '1000' }).write('no')
      setTimeout(() => incoming.socket.resetAndDestroy(), 30)
    })
    const { port, of } = await startProxy([breaking])
    expect(await exchangeRaw(port, upgrade)).toMatch(/^HTTP\/1\.1 403 /)
    expect(of('request-finished')).toMatchObject([{ outcome: 'cut', status: 403 }])
  })

  it.each([
    ['every target is dead', async () => [await deadTarget()], upgrade, 502],
    ['there is no target', async () => [], upgrade, 503],
    [
      'the target answers garbage',
      async () => [await rawOrigin((socket) => socket.once('data', () => socket.end('nonsense\r\n\r\n')))],
      upgrade,
      502,
    ],
    ['the target is silent', async () => [await rawOrigin(() => {})], upgrade, 504],
    ['there are two hosts', async () => [], upgrade.replace('Host: a', 'Host: a\r\nHost: b'), 400],
  ] as const)('is refused when %s', async (_what, targets, request, status) => {
    const { port, of } = await startProxy(await targets(), { firstByteTimeoutMs: 200 })
    expect(await exchangeRaw(port, request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(of('request-finished')).toMatchObject([{ outcome: 'refused', status }])
  })
  it.each([
    ['a WebSocket with a body', upgrade],
    ['a WebSocket by POST, with a body', upgrade.replace('GET', 'POST')],
    ['another protocol, with a body', upgrade.replace('websocket', 'h2c')],
  ])('to %s passes as a plain request', async (_what, request) => {
    const origin = await httpOrigin((incoming, response) => {
      incoming.on('data', (data) => response.write(data)).on('end', () => response.end(` ${incoming.headers.upgrade}`))
    })
    const { port, of } = await startProxy([origin])
    const withBody = request.replace('Host: a', 'Host: a\r\nContent-Length: 2').replace('Connection: Upgrade', 'Connection: Upgrade, close')
    const answer = await exchangeRaw(port, `${withBody}ab`)
    expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*ab[\s\S]* undefined/)
    await until(() => of('request-finished').length === 1, 'the end')
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered' }])
  })
})
