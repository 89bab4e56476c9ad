import { connect, type Socket } from 'node:net'
import { connect as connectTls, createServer, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { systemClock } from '@hotspare/core'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { PeerChannelOptions } from '../channel.ts'
import { dial } from './dial.ts'
import { derivePairKeys } from './keys.ts'
import { SECURE_OPTIONS } from './secure.ts'
import { eventually, record, type Recorded, SECRET, twoNodes } from './testing.fixture.ts'
import { encodeFrame, type Frame, parseFrame } from './frame.ts'
import { FrameDecoder } from './frame-decoder.ts'
import { selfSigned } from './certificate.fixture.ts'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})

/** Node a, whose peer b is not there. */
async function lonely(more: Partial<PeerChannelOptions> = {}): Promise<Recorded & { readonly port: number; readonly peerPort: number }> {
  const [a, b] = await twoNodes()
  // Dials are not what is looked at here.
  const recorded = record({ ...a, reconnectBaseMs: 60_000, reconnectCapMs: 60_000, ...more })
  cleanUp.push(() => recorded.channel.stop())
  await recorded.channel.start()
  return { ...recorded, port: a.listen.port, peerPort: b.listen.port }
}

function stranger(port: number, first?: string | Uint8Array): Socket & { ended: boolean } {
  const socket = Object.assign(connect(port, '127.0.0.1'), { ended: false })
  socket.on('error', () => {})
  socket.on('close', () => (socket.ended = true))
  socket.resume()
  if (first !== undefined) socket.write(first)
  cleanUp.push(() => socket.destroy())
  return socket
}

/** Peer b by hand: it has the key, and says what the test tells it to. */
async function insider(port: number, hello = true): Promise<{ socket: TLSSocket; frames: Frame[] }> {
  const key = derivePairKeys('b', ['a'], [{ id: 1, secret: SECRET }]).toDial('a')
  if (!key) throw new Error('no key')
  const address = { host: '127.0.0.1', port, family: 4 as const }
  const result = await dial({ address, key, timeoutMs: 15_000, clock: systemClock, signal: new AbortController().signal })
  if (!result.ok) throw new Error(result.detail)
  const { socket } = result
  cleanUp.push(() => socket.destroy())
  const frames: Frame[] = []
  const decoder = new FrameDecoder(1_000_000)
  socket.on('data', (chunk: Buffer) => {
    for (const payload of decoder.push(chunk).payloads) {
      const frame = parseFrame(payload)
      if (frame) frames.push(frame)
    }
  })
  if (hello) {
    socket.write(encodeFrame({ type: 'hello', node: 'b', session: 'bbbbbbbb', protocol: { current: 1, oldest: 1 }, fingerprint: 'f1' }))
    await eventually('its hello', () => frames.some(({ type }) => type === 'hello'))
  }
  return { socket, frames }
}

const strangersOf = ({ channel }: Recorded) => channel.snapshot().strangers
const peerOf = ({ channel }: Recorded) => channel.snapshot().peers[0]

describe('a stranger', () => {
  it.each<readonly [string, string | Uint8Array]>([
    ['plain HTTP', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['zeros', new Uint8Array(1_000)],
    ['a TLS record of garbage', Uint8Array.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5])],
    ['our own frames without TLS', encodeFrame({ type: 'ping' })],
  ])('that speaks %s is closed and counted', async (_, bytes) => {
    const a = await lonely()
    const socket = stranger(a.port, bytes)
    await eventually('it is closed', () => socket.ended)
    await eventually('it is counted', () => strangersOf(a)['not-ours'] === 1)
    expect(a.channel.snapshot().unauthenticated).toBe(0)
  })

  it('that sends anything at all does no harm', async () => {
    const a = await lonely()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 600 }), fc.boolean(), async (bytes, handshake) => {
        const socket = stranger(a.port, handshake ? Uint8Array.from([22, 3, 1, bytes.length >> 8, bytes.length & 255, ...bytes]) : bytes)
        await new Promise((resolve) => {
          socket.once('connect', resolve)
        })
        socket.end()
        await eventually('it is closed', () => socket.ended)
      }),
      { numRuns: 60 },
    )
    await eventually('nobody is left', () => a.channel.snapshot().unauthenticated === 0)
    await insider(a.port)
    expect(peerOf(a)?.accepted).toBe(true)
  })

  it('with TLS and no key gets no further', async () => {
    const a = await lonely()
    const { minVersion, maxVersion } = SECURE_OPTIONS
    const socket = connectTls({ host: '127.0.0.1', port: a.port, rejectUnauthorized: false, minVersion, maxVersion })
    socket.on('error', () => {})
    await eventually('it is counted', () => strangersOf(a)['no-known-key'] === 1)
    expect(socket.authorized).toBe(false)
    socket.destroy()
  })

  it('that says nothing is closed at the deadline of the handshake', async () => {
    const a = await lonely({ handshakeTimeoutMs: 300 })
    const silent = stranger(a.port)
    const half = stranger(a.port, Uint8Array.from([22, 3, 1, 2, 0, 1]))
    await eventually('both are closed', () => silent.ended && half.ended)
    expect(strangersOf(a)).toEqual({ 'no-handshake': 2 })
  })

  it('cannot keep a peer out by taking all places: the oldest one has to go', async () => {
    const a = await lonely({ maxUnauthenticated: 4, handshakeTimeoutMs: 60_000 })
    const flood: (Socket & { ended: boolean })[] = []
    for (let count = 1; count <= 12; count++) {
      flood.push(stranger(a.port))
      await eventually('it is met', () => (strangersOf(a)['too-many'] ?? 0) + a.channel.snapshot().unauthenticated === count)
      expect(a.channel.snapshot().unauthenticated).toBeLessThanOrEqual(4)
    }
    expect(strangersOf(a)).toEqual({ 'too-many': 8 })
    await insider(a.port)
    await eventually('the oldest ones are closed', () => flood.slice(0, 9).every(({ ended }) => ended))
    expect(flood.slice(9).some(({ ended }) => ended)).toBe(false)
    expect(peerOf(a)?.accepted).toBe(true)
  })

  it('is told of in one event for many', async () => {
    const a = await lonely()
    for (let count = 0; count < 5; count++) stranger(a.port, 'GET / HTTP/1.1\r\n\r\n')
    await eventually('all are counted', () => strangersOf(a)['not-ours'] === 5)
    expect(a.events.filter(({ type }) => type === 'connections-refused')).toMatchObject([{ counts: { 'not-ours': 1 } }])
    await a.channel.stop()
    expect(a.events.at(-1)).toMatchObject({ type: 'connections-refused', counts: { 'not-ours': 4 } })
  })
})

describe('who has the key', () => {
  it.each<readonly [string, (socket: TLSSocket) => void, RegExp]>([
    ['a frame that is no JSON', (socket) => socket.write(Buffer.from([0, 0, 0, 2, 0x7b, 0x7b])), /cannot be understood/],
    ['a frame that is too large', (socket) => socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff])), /2147483647 bytes/],
    ['an answer to nothing', (socket) => socket.write(encodeFrame({ type: 'response', id: 7 })), /request 7, which was never sent/],
    [
      'a second hello',
      (socket) =>
        socket.write(encodeFrame({ type: 'hello', node: 'b', session: 'b', protocol: { current: 1, oldest: 1 }, fingerprint: '' })),
      /second hello/,
    ],
  ])('is closed over %s, told why, and counted', async (_, send, why) => {
    const a = await lonely()
    const { socket, frames } = await insider(a.port)
    send(socket)
    await eventually('it is closed', () => socket.closed)
    expect(frames.at(-1)).toMatchObject({ type: 'refused', reason: 'garbage', detail: expect.stringMatching(why) })
    expect(peerOf(a)).toMatchObject({ accepted: false, counters: { garbage: 1, lost: 1 } })
  })

  it('may send any frames, and nothing but its connection is at stake', async () => {
    const a = await lonely({ handlers: { echo: async (body) => body } })
    const message = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])),
      fc.constantFrom<Frame>({ type: 'ping' }, { type: 'pong' }, { type: 'cancel', id: 9 }, { type: 'goodbye' }).map(encodeFrame),
      fc
        .record({ id: fc.integer({ min: 1, max: 9 }), method: fc.constantFrom('echo', '__proto__', 'x'), body: fc.jsonValue() })
        .map((request) => encodeFrame({ type: 'request', remainingMs: 50, ...request })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 12 }), async (messages) => {
        const { socket } = await insider(a.port)
        for (const each of messages) if (socket.writable) socket.write(each)
        socket.end()
        await eventually('it is closed', () => socket.closed)
      }),
      { numRuns: 40 },
    )
    await insider(a.port)
    await eventually('it is taken again', () => peerOf(a)?.accepted === true)
    expect(peerOf(a)?.counters.connections).toBe(41)
  })

  it('and says no hello is closed in time', async () => {
    const a = await lonely({ handshakeTimeoutMs: 300 })
    const { socket } = await insider(a.port, false)
    await eventually('it is closed', () => socket.closed)
    expect(peerOf(a)?.counters.connections).toBe(0)
  })

  it('and does not read its answers is cut off before they fill the memory', async () => {
    const body = 'x'.repeat(200_000)
    const a = await lonely({ handlers: { large: async () => body }, silenceMs: 60_000 })
    const { socket } = await insider(a.port)
    socket.pause()
    socket.removeAllListeners('data')
    // Far more than the kernel's buffers hold, asked for in small frames.
    for (let id = 1; id <= 400; id++) socket.write(encodeFrame({ type: 'request', id, method: 'large', remainingMs: 60_000 }))
    await eventually('it is cut off', () => peerOf(a)?.counters.lost === 1)
    expect(peerOf(a)?.accepted).toBe(false)
  })

  it('has one connection: a newer one takes its place', async () => {
    const a = await lonely()
    const first = await insider(a.port)
    const second = await insider(a.port)
    await eventually('the first is closed', () => first.socket.closed)
    expect(first.frames.at(-1)).toMatchObject({ type: 'refused', reason: 'replaced' })
    second.socket.write(encodeFrame({ type: 'ping' }))
    await eventually('the second is answered', () => second.frames.some(({ type }) => type === 'pong'))
    expect(peerOf(a)).toMatchObject({ accepted: true })
  })

  it('holds no ticket afterwards that would let it in without the key', async () => {
    const a = await lonely()
    const { socket } = await insider(a.port)
    let session: Buffer | undefined
    socket.on('session', (ticket: Buffer) => (session = ticket))
    socket.write(encodeFrame({ type: 'ping' }))
    await eventually('what a handshake leaves behind has come', () => session ?? socket.getSession())
    const again = connectTls({ ...SECURE_OPTIONS, host: '127.0.0.1', port: a.port, session: session ?? socket.getSession(), ca: [] })
    again.on('error', () => {})
    await eventually('it is counted', () => strangersOf(a)['no-known-key'] === 1)
    expect(peerOf(a)?.counters.connections).toBe(1)
    again.destroy()
  })
})

describe('who answers in a peer’s place', () => {
  it('and shows a certificate, even one that this machine trusts, is not taken for the peer', async (context) => {
    const certificate = selfSigned()
    if (!certificate) return context.skip('openssl is not installed')
    // What makes this a test: a client with a key and Node's usual checks is content with it.
    setDefaultCACertificates([certificate.cert])
    const [a, b] = await twoNodes()
    const server = createServer({ ...certificate, minVersion: 'TLSv1.3' }, (socket) => socket.on('error', () => {}))
    server.on('tlsClientError', () => {})
    await new Promise<void>((resolve) => {
      server.listen(b.listen.port, '127.0.0.1', resolve)
    })
    cleanUp.push(() => server.close())
    const usual = connectTls({
      ...SECURE_OPTIONS,
      host: '127.0.0.1',
      port: b.listen.port,
      pskCallback: () => ({ identity: 'x', psk: new Uint8Array(32) }),
    })
    usual.on('error', () => {})
    await eventually('the usual client is deceived', () => usual.authorized)
    usual.destroy()
    const recorded = record(a)
    cleanUp.push(() => recorded.channel.stop())
    await recorded.channel.start()
    await eventually('it is told', () => recorded.types().includes('peer-refused'))
    expect(recorded.events.find(({ type }) => type === 'peer-refused')).toMatchObject({ peer: 'b', reason: 'certificate' })
    expect(recorded.types()).not.toContain('peer-connected')
  })

  it('and speaks HTTP is told apart from a wrong key', async () => {
    const [a, b] = await twoNodes()
    const { createServer: createHttpServer } = await import('node:http')
    const server = createHttpServer()
    await new Promise<void>((resolve) => {
      server.listen(b.listen.port, '127.0.0.1', resolve)
    })
    cleanUp.push(() => server.close())
    const recorded = record(a)
    cleanUp.push(() => recorded.channel.stop())
    await recorded.channel.start()
    await eventually('it is told', () => recorded.types().includes('peer-refused'))
    expect(recorded.events.find(({ type }) => type === 'peer-refused')).toMatchObject({ peer: 'b', reason: 'not-ours' })
  })
})
