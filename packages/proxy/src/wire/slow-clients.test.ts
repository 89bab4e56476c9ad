import { describe, expect, it } from 'vitest'
import { endlessOrigin, httpOrigin, startProxy, until } from '../origins.fixture.ts'
import { Pace } from './pace.ts'
import { rawClient, type RawClient } from './raw-client.fixture.ts'

const taking = () =>
  httpOrigin(
    (incoming, response) =>
      void incoming
        .resume()
        .on('error', () => {})
        .on('end', () => response.end('thanks')),
  )

/** Sends this again and again until the connection has ended. */
async function drip(client: RawClient, text: string, everyMs: number): Promise<void> {
  const timer = setInterval(() => client.send(text), everyMs)
  await until(client.closed, 'the end').finally(() => clearInterval(timer))
}

describe('the patience with an upload', () => {
  it('is the grace, and a share for each byte, less what was waited', () => {
    const pace = new Pace(1_000, 100)
    pace.came(10, 900)
    expect(pace.leftMs).toBe(200)
    pace.came(0, 500)
    expect(pace.leftMs).toBe(0)
  })

  it('has no end for a rate of 0', () => {
    const pace = new Pace(1_000, 0)
    pace.came(1, 1_000_000)
    expect(pace.leftMs).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('an upload that drips', () => {
  const slow = { idleTimeoutMs: 200, minimumBytesPerSecond: 1_000 }

  it.each([
    ['and is kept', 'Content-Length: 60000', 'x'],
    ['and streams', 'Content-Length: 600000', 'x'],
    ['in chunks', 'Transfer-Encoding: chunked', '1\r\nx\r\n'],
  ])('%s is refused by its rate, though it is never silent', async (_what, framing, piece) => {
    const { port, of, proxy } = await startProxy([await taking()], slow)
    const client = rawClient(port)
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`)
    await drip(client, piece, 20)
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /)
    expect(of('request-finished')).toMatchObject([{ status: 408, because: 'the body came with less than 1000 bytes a second' }])
    expect(proxy.active).toBe(0)
  })

  it('is taken where the rate is 0, or is kept', async () => {
    for (const minimumBytesPerSecond of [0, 100]) {
      const { port } = await startProxy([await taking()], { ...slow, minimumBytesPerSecond })
      const client = rawClient(port)
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n')
      for (let sent = 0; sent < 200; sent += 10) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        client.send('x'.repeat(10))
      }
      await client.hears(/\n$|thanks$/)
      expect(client.received()).toMatch(/^HTTP\/1\.1 200 [\s\S]*thanks$/)
    }
  })

  it('behind an answer that came early ends with its connection', async () => {
    const early = await httpOrigin((_incoming, response) => void response.writeHead(403, { 'content-length': 2 }).end('no'))
    const { port } = await startProxy([early], slow)
    const client = rawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 600000\r\n\r\n')
    await client.hears(/no$/)
    await drip(client, 'x', 20)
    expect(client.received()).toMatch(/^HTTP\/1\.1 403 /)
  })

  it('behind an answer that came early is dropped up to 16 MiB, and no further', async () => {
    const early = await httpOrigin((_incoming, response) => void response.writeHead(403, { 'content-length': 2 }).end('no'))
    const { port } = await startProxy([early])
    const [small, large] = [rawClient(port), rawClient(port)]
    const sizes = [1_000_000, 40_000_000] as const
    for (const [index, client] of [small, large].entries()) {
      client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${sizes[index]}\r\n\r\n`)
      await client.hears(/no$/)
    }
    small.send(`${'x'.repeat(sizes[0])}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await small.hears(/no[\s\S]+no$/)
    large.send('x'.repeat(sizes[1] - 1))
    await until(large.closed, 'the end')
    expect(small.closed()).toBe(false)
  })
})

describe('a client that does not take its answer', () => {
  it('is let go also where it keeps sending: that is no sign that it reads', async () => {
    const origin = await endlessOrigin()
    const { port, of, proxy } = await startProxy([origin], { idleTimeoutMs: 200, minimumBytesPerSecond: 1_000_000 })
    const client = rawClient(port)
    client.socket.pause()
    client.send('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n')
    const timer = setInterval(() => client.send('G'), 20)
    await until(() => of('request-finished').length === 1, 'the end').finally(() => clearInterval(timer))
    expect(of('request-finished')).toMatchObject([
      { outcome: 'client-gone', because: 'the client took less than 1000000 bytes a second of its answer' },
    ])
    await until(() => origin.open() === 0 && proxy.active === 0, 'the target let go')
  })

  it.each([
    ['it was let go', 200, ''],
    ['the proxy has stopped', 60_000, 'stop'],
    ['it has said that it sends nothing more', 60_000, 'end'],
  ])('is not made to believe that it has the whole because %s, not even by HTTP/1.0', async (_why, idleTimeoutMs, then) => {
    const origin = await endlessOrigin()
    const { port, of, proxy } = await startProxy([origin], { idleTimeoutMs, drainTimeoutMs: 50 })
    const client = rawClient(port)
    const error = new Promise<Error>((resolve) => client.socket.once('error', resolve))
    client.socket.pause()
    client.send('GET /endless HTTP/1.0\r\n\r\n')
    await until(() => origin.open() === 1, 'the answer under way')
    if (then === 'stop') await proxy.stop()
    else if (then === 'end') client.socket.end()
    await until(() => of('request-finished').length === 1, 'the end')
    client.socket.resume()
    expect(await error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('but in time is heard again behind it', async () => {
    const size = 8_000_000
    const origin = await httpOrigin((incoming, response) => {
      response.writeHead(200, { 'content-length': incoming.url === '/big' ? size : 2 }).end('x'.repeat(incoming.url === '/big' ? size : 2))
    })
    const idleTimeoutMs = 1_000
    const { port, of } = await startProxy([origin], { idleTimeoutMs, minimumBytesPerSecond: 1e9 })
    const client = rawClient(port)
    client.socket.pause()
    client.send('GET /big HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 100))
    client.send('GET /small HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => setTimeout(resolve, 50))
    client.socket.resume()
    await until(() => of('request-finished').length === 2, 'both answers')
    await client.hears(/x{2}$/)
    expect(of('request-finished')).toMatchObject([{ outcome: 'answered' }, { outcome: 'answered' }])
    // What it was given for the first answer does not run out later.
    await new Promise((resolve) => setTimeout(resolve, idleTimeoutMs + 300))
    expect(client.closed()).toBe(false)
  })
})
