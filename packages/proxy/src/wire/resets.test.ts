import { request } from 'undici'
import { describe, expect, it } from 'vitest'
import { httpOrigin, startProxy, rawOrigin, until } from '../origins.fixture.ts'
import { rawClient } from './raw-client.fixture.ts'

const MANY = { minimumRetriesPerSecond: 1_000 }

describe.each([
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  ['no length', 'HTTP/1.1 200 OK\r\n\r\nhello'],
  ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
])('a target whose answer with %s is reset after each of its bytes', (_what, answer) => {
  const lastOfHead = answer.indexOf('\r\n\r\n') + 4

  it('never makes the client believe that it has the whole, and costs nothing where it can be repeated', async () => {
    let bytes = 0
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => {
        if (bytes === 0) socket.resetAndDestroy()
        // The reset must not overtake the bytes: they have to be read first.
        else socket.write(answer.slice(0, bytes), () => setTimeout(() => socket.resetAndDestroy(), 10))
      }),
    )
    const good = await httpOrigin((_incoming, response) => response.end('second'))
    const { url } = await startProxy([breaking, good], MANY)
    for (bytes = 0; bytes < answer.length; bytes += 1) {
      const heard = await request(url)
        .then(
          async ({ body }) => body.text(),
          (error: Error) => error,
        )
        .catch((error: Error) => error)
      // What is not known to be small, or to be whole, is on its way already.
      const started = !answer.includes('Length') && bytes >= lastOfHead
      expect(heard instanceof Error ? 'broken' : heard, `after ${bytes} bytes`).toBe(started ? 'broken' : 'second')
    }
  })

  it('gets a POST once, and nobody else gets it', async () => {
    let bytes = 0
    let posts = 0
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => {
        posts += 1
        if (bytes === 0) socket.resetAndDestroy()
        else socket.write(answer.slice(0, bytes), () => setTimeout(() => socket.resetAndDestroy(), 5))
      }),
    )
    const other = await httpOrigin((_incoming, response) => {
      posts += 1
      response.end('second')
    })
    const { url } = await startProxy([breaking, other], MANY)
    for (bytes = 0; bytes < answer.length; bytes += 1) {
      await request(url, { method: 'POST', body: 'x' })
        .then(async ({ body }) => body.text())
        .catch(() => {})
      expect(posts).toBe(bytes + 1)
    }
  })
})

it('an answer that breaks resets a client of HTTP/1.0, to whom the end of the connection is the end of the answer', async () => {
  const breaking = await rawOrigin((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', () => setTimeout(() => socket.destroy(), 20)),
    ),
  )
  const { port, of } = await startProxy([breaking])
  const { socket, received } = rawClient(port)
  const error = new Promise<Error>((resolve) => socket.once('error', resolve))
  socket.write('GET / HTTP/1.0\r\n\r\n')
  expect(await error).toMatchObject({ code: 'ECONNRESET' })
  expect(received()).toMatch(/hello$/)
  expect(of('request-finished')).toMatchObject([{ outcome: 'cut', status: 200 }])
})

describe.each([
  ['a length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'],
  ['chunks', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
])('a client that breaks off after each byte of a request with %s', (_what, text) => {
  it('leaves nothing behind, and no target takes its part for the whole', async () => {
    let whole = 0
    const origin = await httpOrigin((incoming, response) => {
      incoming.on('error', () => {})
      incoming.resume().on('end', () => {
        whole += 1
        response.end('ok')
      })
    })
    const { port, url, proxy } = await startProxy([origin])
    for (let bytes = 0; bytes < text.length; bytes += 1) {
      const client = rawClient(port)
      await new Promise<void>((resolve) => void client.socket.write(text.slice(0, bytes), () => resolve()))
      if (bytes % 2 === 0) client.socket.resetAndDestroy()
      else client.socket.end()
      await until(client.closed, 'the end')
    }
    await until(() => proxy.active === 0, 'all of them ended')
    expect(whole).toBe(0)
    expect((await request(url)).statusCode).toBe(200)
  })
})

const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
/** A text of five letters, unmasked, as a server sends it (RFC 6455, 5.2). */
const FRAME = '\x81\x05hello'

describe('a WebSocket', () => {
  it('whose target is reset after each byte of its answer and of a frame begins elsewhere, or is cut', async () => {
    const said = SWITCHED + FRAME
    let bytes = 0
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => {
        if (bytes === 0) socket.resetAndDestroy()
        else socket.write(Buffer.from(said.slice(0, bytes), 'latin1'), () => setTimeout(() => socket.resetAndDestroy(), 10))
      }),
    )
    const good = await rawOrigin((socket) => socket.once('data', () => socket.write(Buffer.from(said, 'latin1'))))
    const { port, proxy, of } = await startProxy([breaking, good], MANY)
    for (bytes = 0; bytes < said.length; bytes += 1) {
      const client = rawClient(port)
      client.send(UPGRADE)
      if (bytes < SWITCHED.length) {
        await client.hears(/hello$/)
        client.socket.resetAndDestroy()
      } else await until(client.closed, 'the end')
      const heard = client.received()
      expect(heard.match(/HTTP\/1\.1/g), `after ${bytes} bytes`).toHaveLength(1)
      expect(heard.endsWith(bytes < SWITCHED.length ? FRAME : said.slice(SWITCHED.length, bytes)), `after ${bytes} bytes`).toBe(true)
    }
    await until(() => proxy.active === 0, 'all of them ended')
    expect(of('request-retried')).toHaveLength(SWITCHED.length)
    expect(of('request-finished').filter(({ outcome }) => outcome === 'cut')).toHaveLength(FRAME.length)
  })

  it('whose client breaks off after each byte of its request, or of a frame, leaves nothing behind', async () => {
    const said = UPGRADE + FRAME
    let asked = 0
    let open = 0
    const target = await rawOrigin((socket) => {
      open += 1
      socket.once('close', () => (open -= 1))
      socket.once('data', () => {
        asked += 1
        socket.write(SWITCHED)
      })
    })
    const { port, proxy } = await startProxy([target])
    for (let bytes = 0; bytes < said.length; bytes += 1) {
      const client = rawClient(port)
      await new Promise<void>((resolve) => void client.socket.write(Buffer.from(said.slice(0, bytes), 'latin1'), () => resolve()))
      if (bytes >= UPGRADE.length) await client.hears(/^HTTP\/1\.1 101 /)
      if (bytes % 2 === 0) client.socket.resetAndDestroy()
      else client.socket.end()
      await until(client.closed, 'the end')
    }
    await until(() => proxy.active === 0 && open === 0, 'all of them ended')
    expect(asked).toBe(FRAME.length)
  })
})

describe.each([
  ['a POST', 'POST'],
  ['a PUT, which could be repeated if it had been kept', 'PUT'],
])('%s in chunks whose target is reset after each of its bytes', (_what, method) => {
  it('is answered with 502 and sent nowhere else', async () => {
    const text = `${method} / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`
    const headEnd = text.indexOf('\r\n\r\n') + 4
    let resets = 0
    const breaking = await rawOrigin((socket) =>
      socket.once('data', () => {
        resets += 1
        socket.resetAndDestroy()
      }),
    )
    let elsewhere = 0
    const other = await httpOrigin((_incoming, response) => {
      elsewhere += 1
      response.end('second')
    })
    const { port, proxy, of } = await startProxy([breaking, other], MANY)
    for (let bytes = headEnd + 1; bytes <= text.length; bytes += 1) {
      const before = resets
      const client = rawClient(port)
      client.send(text.slice(0, bytes))
      await until(() => resets > before, 'the reset')
      client.send(text.slice(bytes))
      await client.hears(/^HTTP\/1\.1 502 /)
      client.socket.destroy()
    }
    await until(() => proxy.active === 0, 'all of them ended')
    expect(elsewhere).toBe(0)
    expect(resets).toBe(text.length - headEnd)
    expect(of('request-finished').map(({ status }) => status)).toEqual(Array.from({ length: resets }, () => 502))
  })
})
