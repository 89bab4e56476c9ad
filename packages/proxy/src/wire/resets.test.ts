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
