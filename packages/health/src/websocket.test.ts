import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { selfSigned, type ServerCertificate } from './certificates.fixture.ts'
import type { ProbeFailure } from './probe.ts'
import {
  closedPort,
  type HostileBehaviour,
  hostileBehaviours,
  type LoopbackServer,
  loopbackServer,
  probeContract,
} from './testing/index.ts'
import { acceptFor } from './websocket/handshake.ts'
import { websocketProbe, type WebSocketProbeOptions } from './websocket.ts'

const PATIENT_MS = 15_000
const SHORT_MS = 400

interface Seen {
  readonly server: LoopbackServer
  readonly requests: IncomingMessage[]
  readonly codes: number[]
}

/** A server of the ws library. */
async function wsServer(certificate?: ServerCertificate): Promise<Seen> {
  const requests: IncomingMessage[] = []
  const codes: number[] = []
  const http = certificate ? createTlsServer({ key: certificate.key, cert: certificate.cert }) : createServer()
  const ws = new WebSocketServer({ server: http, handleProtocols: (offered) => (offered.has('chat') ? 'chat' : false) })
  ws.on('connection', (socket, request) => {
    requests.push(request)
    // A server that talks first, and pings too.
    socket.send('welcome')
    socket.ping()
    socket.on('close', (code) => codes.push(code))
  })
  return { server: await loopbackServer(http), requests, codes }
}

/** Agrees to WebSocket, then does what it likes with the connection. */
function upgraded(speak: (socket: Socket) => void): HostileBehaviour {
  return (socket) => {
    socket.once('data', (request: Buffer) => {
      const key = /sec-websocket-key: (\S+)/.exec(request.toString('latin1'))?.[1] ?? ''
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
      )
      speak(socket)
    })
  }
}

/** The pong to the first ping that comes. */
function pong(ping: Buffer): Buffer {
  const payload = Buffer.from(ping.subarray(6, 14)).map((byte, index) => byte ^ (ping[2 + (index % 4)] ?? 0))
  return Buffer.concat([Buffer.from([0x8a, payload.length]), payload])
}

probeContract({
  runner: { describe, it },
  name: 'websocketProbe',
  healthy: async () => {
    const { server } = await wsServer()
    return { ...server, probe: websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS }) }
  },
  dead: async () => ({
    probe: websocketProbe({ url: `ws://127.0.0.1:${await closedPort()}/`, timeoutMs: PATIENT_MS }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, timeoutMs: SHORT_MS }) }
  },
})

describe('a real WebSocket server', () => {
  it('is asked with our host, origin and path, answers the ping among its own messages, and sees a close of 1000', async () => {
    const { server, requests, codes } = await wsServer()
    const headers = { Host: 'shop.example', Origin: 'https://shop.example' }
    const url = `ws://127.0.0.1:${server.port}/live?token=secret`
    const probe = websocketProbe({ url, headers, subprotocol: 'chat', timeoutMs: PATIENT_MS })
    const result = await probe.run()
    expect(result).toMatchObject({ outcome: 'pass', detail: '101 Switching Protocols to chat, pong' })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
    await expect.poll(() => codes, { timeout: 5_000 }).toEqual([1_000])
    const [request] = requests
    expect(request?.url).toBe('/live?token=secret')
    expect(request?.headers).toMatchObject({ host: 'shop.example', origin: 'https://shop.example' })
    expect(JSON.stringify([probe.address, result])).not.toContain('secret')
    await server.close()
  })

  it('without the subprotocol fails', async () => {
    const { server } = await wsServer()
    const result = await websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, subprotocol: 'graphql-ws', timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'unexpected', detail: '101, but without the subprotocol graphql-ws' })
    await server.close()
  })
})

describe('websocketProbe over TLS', () => {
  let certificate: ServerCertificate | undefined
  let server: LoopbackServer | undefined
  beforeAll(async () => {
    certificate = selfSigned()
    if (certificate) ({ server } = await wsServer(certificate))
  })
  afterAll(() => server?.close())

  const rows: readonly { name: string; options: (ca: string) => Partial<WebSocketProbeOptions>; expected: object }[] = [
    { name: 'fails on a certificate that nobody vouches for', options: () => ({}), expected: { outcome: 'fail', reason: 'tls' } },
    {
      name: 'fails on a certificate for another name',
      options: (ca) => ({ tls: { ca, servername: 'bank.example' } }),
      expected: { outcome: 'fail', reason: 'tls' },
    },
    {
      name: 'passes with the name of the Host header',
      options: (ca) => ({ tls: { ca }, headers: { host: 'shop.example' } }),
      expected: { outcome: 'pass' },
    },
  ]
  it.for(rows)('$name', async ({ options, expected }, context) => {
    if (!certificate || !server) return context.skip('openssl is not installed: no certificate to test with')
    const url = `wss://127.0.0.1:${server.port}/`
    expect(await websocketProbe({ url, timeoutMs: PATIENT_MS, ...options(certificate.cert) }).run()).toMatchObject(expected)
  })
})

describe('websocketProbe against a hostile server', () => {
  interface Row {
    readonly name: string
    readonly behaviour: HostileBehaviour
    readonly reason: ProbeFailure
    readonly detail: string | RegExp
    readonly timeoutMs?: number
    readonly scheme?: 'wss'
  }
  const { silence, garbage, emptyReply, reset, halfHeader, endlessHeader, endlessInterim, uninvitedUpgrade } = hostileBehaviours
  const rows: readonly Row[] = [
    { name: 'silence', behaviour: silence, reason: 'timeout', detail: /waiting for the answer$/, timeoutMs: SHORT_MS },
    { name: 'garbage', behaviour: garbage, reason: 'protocol', detail: /^not HTTP: / },
    {
      name: 'a banner of another protocol',
      behaviour: (socket) => socket.resume().write('SSH-2.0-x\r\n'),
      reason: 'protocol',
      detail: 'not HTTP: the status line is not that of HTTP/1.x',
    },
    { name: 'an empty reply', behaviour: emptyReply, reason: 'closed', detail: 'connection closed before an answer' },
    { name: 'a reset', behaviour: reset, reason: 'reset', detail: 'connection reset' },
    { name: 'half a header', behaviour: halfHeader, reason: 'closed', detail: 'connection closed before an answer' },
    { name: 'an endless header', behaviour: endlessHeader, reason: 'header-overflow', detail: 'the header is longer than 16384 bytes' },
    { name: 'endless interim answers', behaviour: endlessInterim, reason: 'protocol', detail: 'more than 10 interim answers (1xx)' },
    { name: '101 without the accept', behaviour: uninvitedUpgrade, reason: 'protocol', detail: /Sec-WebSocket-Accept/ },
    { name: 'no pong', behaviour: upgraded(() => {}), reason: 'timeout', detail: /waiting for the pong$/, timeoutMs: SHORT_MS },
    {
      name: 'the pong to another ping',
      behaviour: upgraded((socket) => socket.write(Buffer.from([0x8a, 1, 65]))),
      reason: 'timeout',
      detail: /waiting for the pong$/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'a slow drip of a frame',
      behaviour: upgraded((socket) => {
        socket.write(Buffer.from([0x82, 0x7e, 0xff, 0xff]))
        const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write('a')), 20)
      }),
      reason: 'timeout',
      detail: /waiting for the pong$/,
      timeoutMs: SHORT_MS,
    },
    {
      name: 'messages without end',
      behaviour: upgraded((socket) => {
        const pour = () => {
          while (!socket.destroyed && socket.write(Buffer.concat([Buffer.from([0x82, 0x7e, 0x40, 0x00]), Buffer.alloc(16_384)])));
        }
        socket.on('drain', pour)
        pour()
      }),
      reason: 'protocol',
      detail: 'more than 1048576 bytes before the pong',
    },
    {
      name: 'HTTP after the upgrade',
      behaviour: upgraded((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
      reason: 'protocol',
      detail: /^not WebSocket: /,
    },
    {
      name: 'a masked frame',
      behaviour: upgraded((socket) => socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))),
      reason: 'protocol',
      detail: 'not WebSocket: a masked frame, which a server must not send',
    },
    {
      name: 'a hang-up after the upgrade',
      behaviour: upgraded((socket) => socket.end()),
      reason: 'closed',
      detail: 'connection closed before the pong',
    },
    {
      name: 'a close',
      behaviour: upgraded((socket) => socket.write(Buffer.from([0x88, 2, 0x03, 0xe8]))),
      reason: 'closed',
      detail: 'closed by the server with code 1000 before the pong',
    },
    {
      name: 'a close to try again later',
      behaviour: upgraded((socket) => socket.write(Buffer.from([0x88, 2, 0x03, 0xf5]))),
      reason: 'unwell',
      detail: 'closed by the server with code 1013 before the pong',
    },
    { name: 'TLS spoken to a plain port', behaviour: garbage, reason: 'tls', detail: /^TLS failed/, scheme: 'wss' },
  ]
  it.each(rows)('$name fails as $reason', async ({ behaviour, reason, detail, timeoutMs = PATIENT_MS, scheme = 'ws' }) => {
    await using server = await loopbackServer(behaviour)
    const result = await websocketProbe({ url: `${scheme}://127.0.0.1:${server.port}/`, timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('a reset after any byte of the answer has a name', async () => {
    let cut = 0
    await using server = await loopbackServer((socket) => {
      socket.once('data', (request: Buffer) => {
        const key = /sec-websocket-key: (\S+)/.exec(request.toString('latin1'))?.[1] ?? ''
        const answer = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`
        socket.write(answer.slice(0, cut), () => socket.resetAndDestroy())
      })
    })
    const probe = websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS })
    for (cut = 1; cut < 130; cut += 8) expect(await probe.run()).toMatchObject({ outcome: 'fail', reason: 'reset' })
  })

  it('a flood of pings is not answered with a flood of pongs', async () => {
    const floodBytes = 60_000
    let heardBytes = 0
    await using server = await loopbackServer(
      upgraded((socket) => {
        socket.once('close', () => (heardBytes = socket.bytesRead))
        socket.write(Buffer.alloc(floodBytes, Buffer.from([0x89, 0])))
        socket.once('data', (ping: Buffer) => socket.write(pong(ping)))
      }),
    )
    expect(await websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
    await expect.poll(() => heardBytes, { timeout: 5_000 }).toBeGreaterThan(0)
    expect(heardBytes).toBeLessThan(floodBytes / 10)
  })

  it.each([
    { name: 'says nothing to our farewell', after: () => {} },
    { name: 'resets instead of a farewell', after: (socket: Socket) => socket.resetAndDestroy() },
  ])('a server that $name has answered all the same', async ({ after }) => {
    await using server = await loopbackServer(
      upgraded((socket) => {
        socket.once('data', (ping: Buffer) => socket.write(pong(ping), () => after(socket)))
      }),
    )
    expect(await websocketProbe({ url: `ws://127.0.0.1:${server.port}/`, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
  })
})

describe('websocketProbe', () => {
  it.each([
    { options: { url: 'http://127.0.0.1/' }, says: 'ws://' },
    { options: { url: 'ws://user:hunter2@127.0.0.1/' }, says: 'headers.authorization' },
    { options: { headers: { 'Sec-WebSocket-Key': 'x' } }, says: 'Sec-WebSocket-Key' },
    { options: { headers: { upgrade: 'h2c' } }, says: 'upgrade' },
    { options: { headers: { cookie: 'hunter2\n' } }, says: 'line breaks' },
    { options: { subprotocol: 'a, b' }, says: 'subprotocol' },
    { options: { timeout: 5 }, says: 'timeout' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    const make = () => websocketProbe({ url: 'ws://127.0.0.1/', ...options })
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow('hunter2')
  })
})
