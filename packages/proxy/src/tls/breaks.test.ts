import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { request } from 'undici'
import { beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { needOpenssl } from '../certificates.fixture.ts'
import { httpOrigin, type Origin, rawOrigin, until } from '../origins.fixture.ts'
import { agent, SHOP, startTlsProxy, tlsClient } from '../tls.fixture.ts'

beforeEach(needOpenssl)

const hasCurl = spawnSync('curl', ['-V']).status === 0
const MANY = { minimumRetriesPerSecond: 1_000 }

/** Too large to be held back, or of unknown length; then its target is gone. */
const BROKEN = {
  'a length': `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(5_000)}`,
  chunks: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
  'no length': 'HTTP/1.1 200 OK\r\n\r\nhello',
} as const

function breaking(answer: string): Promise<Origin> {
  // The reset must not overtake the bytes.
  return rawOrigin((socket) => socket.once('data', () => socket.write(answer, () => setTimeout(() => socket.resetAndDestroy(), 20))))
}

describe.each(Object.entries(BROKEN))('an answer with %s that breaks off', (_what, answer) => {
  it('is broken to a client of TLS, which hears no end of it', async () => {
    const { port, of } = await startTlsProxy([await breaking(answer)])
    for (const version of ['1.1', '1.0']) {
      const client = await tlsClient(port)
      let ended = false
      client.socket.on('end', () => (ended = true))
      client.socket.write(`GET / HTTP/${version}\r\nhost: ${SHOP}\r\n\r\n`)
      expect(await client.closed).toMatchObject({ code: 'ECONNRESET' })
      expect(ended).toBe(false)
      expect(client.received()).toMatch(/^HTTP\/1\.1 200 /)
    }
    expect(of('request-finished').map(({ outcome }) => outcome)).toEqual(['cut', 'cut'])
  })

  it('is broken to undici, by HTTP/1.1 and by HTTP/2, and to openssl', async () => {
    const { port, url } = await startTlsProxy([await breaking(answer)])
    for (const allowH2 of [false, true]) {
      const dispatcher = agent(allowH2)
      const heard = await request(url, { dispatcher })
        .then(async ({ body }) => body.text(), String)
        .catch((error: Error) => error)
      expect(heard, `undici, ${allowH2}`).toBeInstanceOf(Error)
    }
    const openssl = await run('openssl', ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`], `GET / HTTP/1.0\r\n\r\n`)
    expect(openssl.code).not.toBe(0)
  })

  it('is broken to curl', async (context) => {
    if (!hasCurl) return context.skip('not installed: curl')
    const { url } = await startTlsProxy([await breaking(answer)])
    for (const version of ['--http1.0', '--http1.1', '--http2']) {
      expect((await run('curl', ['-sk', version, '-o', '/dev/null', url])).code, `curl ${version}`).not.toBe(0)
    }
  })
})

describe('behind TLS', () => {
  it('a dead target and a broken small answer are repeated elsewhere', async () => {
    const dead = await rawOrigin((socket) => socket.resetAndDestroy())
    const half = await breaking('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello')
    const good = await httpOrigin((_incoming, response) => response.end('whole'))
    const { url } = await startTlsProxy([dead, half, good], {}, MANY)
    for (const allowH2 of [false, true]) {
      const { statusCode, body } = await request(url, { dispatcher: agent(allowH2) })
      expect([statusCode, await body.text()]).toEqual([200, 'whole'])
    }
  })

  it('a WebSocket runs, and its end is told', async () => {
    const http = createServer()
    new WebSocketServer({ server: http }).on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`you said ${String(data)}`)),
    )
    const origin = await rawOrigin((socket) => void http.emit('connection', socket))
    const { port, proxy } = await startTlsProxy([origin], {}, { drainTimeoutMs: 100 })
    const socket = new WebSocket(`wss://127.0.0.1:${port}/chat`, { rejectUnauthorized: false })
    await once(socket, 'open')
    socket.send('hello')
    const [said] = await once(socket, 'message')
    expect(String(said)).toBe('you said hello')
    const closed = once(socket, 'close')
    await proxy.stop()
    expect((await closed)[0]).toBe(1001)
  })

  it('a large body goes through whole, both ways', async () => {
    const large = Buffer.alloc(5_000_000, 'abcdefghij')
    const origin = await httpOrigin((incoming, response) => void incoming.pipe(response))
    const { url } = await startTlsProxy([origin])
    for (const allowH2 of [false, true]) {
      const { body } = await request(url, { method: 'POST', body: large, dispatcher: agent(allowH2) })
      expect(Buffer.from(await body.arrayBuffer()).equals(large)).toBe(true)
    }
  })

  it('what a client does not read is not fetched', async () => {
    let written = 0
    const piece = Buffer.alloc(65_536)
    const origin = await httpOrigin((_incoming, response) => {
      const pump = () => {
        while (!response.destroyed && written < 100_000_000) {
          written += piece.length
          if (!response.write(piece)) return
        }
      }
      response.on('drain', pump)
      pump()
    })
    const { port, proxy } = await startTlsProxy([origin])
    const client = await tlsClient(port)
    client.socket.pause()
    client.socket.write(`GET / HTTP/1.1\r\nhost: ${SHOP}\r\n\r\n`)
    await standstill(() => written)
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThan(40_000_000)
    client.socket.destroy()
    await until(() => proxy.active === 0, 'the end of the request')
  })
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

async function run(command: string, args: readonly string[], input?: string): Promise<{ readonly code: number | null }> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.on('error', () => {})
  if (input !== undefined) child.stdin.write(input)
  await once(child, 'close')
  return { code: child.exitCode }
}
