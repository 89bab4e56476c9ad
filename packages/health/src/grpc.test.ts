import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { connect } from 'node:net'
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { grpcProbe, type GrpcProbeOptions } from './grpc.ts'
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

const host = '127.0.0.1'
const PATIENT_MS = 15_000
const SHORT_MS = 400

/** A gRPC server of the gRPC project itself, with its health service. */
async function grpcServer(health: HealthImplementation | undefined, credentials = ServerCredentials.createInsecure()) {
  const server = new GrpcServer()
  health?.addToServer(server)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${host}:0`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
  })
  return { port, close: () => Promise.resolve(server.forceShutdown()) }
}

/** An HTTP/2 server that answers as it is told. */
function http2Server(answer: (stream: ServerHttp2Stream) => void): Promise<LoopbackServer> {
  const server = createHttp2Server()
  server.on('stream', (stream) => {
    stream.on('error', () => {})
    answer(stream)
  })
  server.on('session', (session) => session.on('error', () => {}))
  return loopbackServer(server)
}

const header = { ':status': 200, 'content-type': 'application/grpc' }

/** A frame of HTTP/2 (RFC 9113, section 4.1). */
function frame(type: number, flags: number, streamId: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(streamId, 5)
  return Buffer.concat([head, payload])
}

/** Status 200 and so many lines, as literals (RFC 7541, section 6.2.2). */
function headerBlock(lines: number): Buffer {
  return Buffer.concat([Buffer.from([0x88]), ...Array.from({ length: lines }, () => Buffer.from([0, 1, 0x78, 1, 0x79]))])
}

/** A message on the stream, and the end of the call. */
function reply(stream: ServerHttp2Stream, message: Buffer, trailer: Record<string, string> = { 'grpc-status': '0' }): void {
  stream.respond(header, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(trailer))
  stream.end(message)
}

probeContract({
  runner: { describe, it },
  name: 'grpcProbe',
  healthy: async () => {
    const server = await grpcServer(new HealthImplementation({ '': 'SERVING' }))
    return { probe: grpcProbe({ host, port: server.port, timeoutMs: PATIENT_MS }), close: server.close }
  },
  dead: async () => ({ probe: grpcProbe({ host, port: await closedPort(), timeoutMs: PATIENT_MS }), close: () => Promise.resolve() }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: grpcProbe({ host, port: server.port, timeoutMs: SHORT_MS }) }
  },
})

describe('a real gRPC server', () => {
  const statuses = { '': 'SERVING', 'shop.v1.Orders': 'NOT_SERVING', 'shop.v1.Search': 'UNKNOWN' } as const
  let server: Awaited<ReturnType<typeof grpcServer>>
  beforeAll(async () => {
    server = await grpcServer(new HealthImplementation(statuses))
  })
  afterAll(() => server.close())

  it.each([
    { service: 'shop.v1.Orders', expected: { outcome: 'fail', reason: 'unwell', detail: 'NOT_SERVING (service shop.v1.Orders)' } },
    { service: 'shop.v1.Search', expected: { outcome: 'fail', reason: 'unwell', detail: 'UNKNOWN (service shop.v1.Search)' } },
    {
      service: 'none',
      expected: { outcome: 'fail', reason: 'unexpected', detail: expect.stringContaining('does not know service none (NOT_FOUND') },
    },
    { service: '', expected: { outcome: 'pass', detail: 'SERVING (the whole server)' } },
  ])('is asked about "$service"', async ({ service, expected }) => {
    expect(await grpcProbe({ host, port: server.port, service, timeoutMs: PATIENT_MS }).run()).toMatchObject(expected)
  })

  it('without a health service fails, and passes where that is taken for alive', async () => {
    const bare = await grpcServer(undefined)
    const options = { host, port: bare.port, timeoutMs: PATIENT_MS }
    expect(await grpcProbe(options).run()).toMatchObject({
      outcome: 'fail',
      reason: 'status',
      detail: expect.stringContaining('the server has no health service (UNIMPLEMENTED'),
    })
    expect(await grpcProbe({ ...options, unimplemented: 'pass' }).run()).toMatchObject({ outcome: 'pass' })
    await bare.close()
  })

  it('tells its phases', async () => {
    const { phases } = await grpcProbe({ host, port: server.port, timeoutMs: PATIENT_MS }).run()
    expect(phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
  })
})

describe('grpcProbe over TLS', () => {
  let certificate: ServerCertificate | undefined
  let server: Awaited<ReturnType<typeof grpcServer>> | undefined
  beforeAll(async () => {
    certificate = selfSigned()
    if (!certificate) return
    const pair = { private_key: Buffer.from(certificate.key), cert_chain: Buffer.from(certificate.cert) }
    server = await grpcServer(new HealthImplementation({ '': 'SERVING' }), ServerCredentials.createSsl(null, [pair]))
  })
  afterAll(() => server?.close())

  const rows: readonly { name: string; tls: (ca: string) => GrpcProbeOptions['tls']; expected: object }[] = [
    { name: 'fails on a certificate that nobody vouches for', tls: () => ({}), expected: { outcome: 'fail', reason: 'tls' } },
    {
      name: 'fails on a certificate for another name',
      tls: (ca) => ({ ca, servername: 'bank.example' }),
      expected: { outcome: 'fail', reason: 'tls' },
    },
    { name: 'passes with a trusted certificate', tls: (ca) => ({ ca, servername: 'shop.example' }), expected: { outcome: 'pass' } },
  ]
  it.for(rows)('$name', async ({ tls, expected }, context) => {
    if (!certificate || !server) return context.skip('openssl is not installed: no certificate to test with')
    const probe = grpcProbe({ host, port: server.port, security: 'tls', tls: tls(certificate.cert), timeoutMs: PATIENT_MS })
    expect(await probe.run()).toMatchObject(expected)
  })
})

describe('grpcProbe against a hostile server', () => {
  interface Row {
    readonly name: string
    readonly server: () => Promise<LoopbackServer>
    readonly reason: ProbeFailure
    readonly detail: string | RegExp
    readonly options?: Partial<GrpcProbeOptions>
  }
  const raw = (behaviour: HostileBehaviour) => () => loopbackServer(behaviour)
  const spoken = (answer: (stream: ServerHttp2Stream) => void) => () => http2Server(answer)
  const short = { timeoutMs: SHORT_MS }
  const serving = Buffer.from([0, 0, 0, 0, 2, 8, 1])
  const rows: readonly Row[] = [
    { name: 'silence', server: raw(hostileBehaviours.silence), reason: 'timeout', detail: /waiting for the answer$/, options: short },
    { name: 'garbage', server: raw(hostileBehaviours.garbage), reason: 'protocol', detail: /^not (?:HTTP\/2|gRPC): / },
    { name: 'HTTP/1.1', server: () => loopbackServer(createHttpServer()), reason: 'protocol', detail: /^not (?:HTTP\/2|gRPC): / },
    { name: 'an empty reply', server: raw(hostileBehaviours.emptyReply), reason: 'closed', detail: /^connection closed/ },
    { name: 'a reset', server: raw(hostileBehaviours.reset), reason: 'reset', detail: 'connection reset' },
    {
      name: 'a call that is never answered',
      server: spoken(() => {}),
      reason: 'timeout',
      detail: /waiting for the answer$/,
      options: short,
    },
    {
      name: 'a message that drips without end',
      server: spoken((stream) => {
        stream.respond(header)
        stream.write(Buffer.from([0, 0, 0, 8, 0]))
        const timer = setInterval(() => (stream.destroyed ? clearInterval(timer) : stream.write('a')), 20)
      }),
      reason: 'timeout',
      detail: /reading the answer$/,
      options: short,
    },
    {
      name: 'an endless message',
      server: spoken((stream) => {
        stream.respond(header)
        const pour = () => {
          while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
        }
        stream.on('drain', pour)
        pour()
      }),
      reason: 'protocol',
      detail: 'more than one message',
    },
    {
      name: 'a huge message',
      server: spoken((stream) => reply(stream, Buffer.from([0, 0, 1, 0, 0]))),
      reason: 'protocol',
      detail: 'a message of 65536 bytes',
    },
    {
      name: 'half a message',
      server: spoken((stream) => reply(stream, serving.subarray(0, 6))),
      reason: 'protocol',
      detail: 'OK, but without a whole message',
    },
    {
      name: 'a message that is no protobuf',
      server: spoken((stream) => reply(stream, Buffer.from([0, 0, 0, 0, 2, 0, 0]))),
      reason: 'protocol',
      detail: 'OK, but the message cannot be read',
    },
    {
      name: 'a status that does not exist',
      server: spoken((stream) => reply(stream, Buffer.from([0, 0, 0, 0, 2, 8, 9]))),
      reason: 'protocol',
      detail: 'a serving status that does not exist: 9',
    },
    {
      name: 'a stream that is reset',
      server: spoken((stream) => stream.close(8)),
      reason: 'closed',
      detail: 'connection closed before the answer was whole',
    },
    { name: 'a stream that is refused', server: spoken((stream) => stream.close(7)), reason: 'unwell', detail: /REFUSED_STREAM/ },
    { name: 'a session that ends', server: spoken((stream) => stream.session?.destroy()), reason: 'closed', detail: /closed|ended/ },
    {
      name: 'no trailer',
      server: spoken((stream) => {
        stream.respond(header)
        stream.end(serving)
      }),
      reason: 'protocol',
      detail: 'an answer without a grpc-status',
    },
    {
      name: 'a header of a thousand lines',
      server: raw((socket) => {
        socket.once('data', () => socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), frame(1, 5, 1, headerBlock(1_000))])))
      }),
      reason: 'header-overflow',
      detail: 'the header is longer than 16384 bytes or 128 lines',
    },
    {
      name: 'a server that has had enough',
      server: spoken((stream) => stream.session?.goaway(11)),
      reason: 'unwell',
      detail: 'the server ended the connection (ENHANCE_YOUR_CALM)',
    },
    {
      name: 'HTTP 503',
      server: spoken((stream) => stream.respond({ ':status': 503 }, { endStream: true })),
      reason: 'status',
      detail: 'HTTP status 503, expected 200',
    },
    {
      name: 'HTML',
      server: spoken((stream) => stream.respond({ ':status': 200, 'content-type': 'text/html' }, { endStream: true })),
      reason: 'protocol',
      detail: 'HTTP/2, but not gRPC: another content type',
    },
    {
      name: 'UNAVAILABLE in the header alone',
      server: spoken((stream) => stream.respond({ ...header, 'grpc-status': '14', 'grpc-message': 'over%20there' }, { endStream: true })),
      reason: 'unwell',
      detail: 'UNAVAILABLE: over there',
    },
    {
      name: 'a huge header',
      server: spoken((stream) => stream.respond({ ...header, filler: 'a'.repeat(60_000) }, { endStream: true })),
      reason: 'protocol',
      detail: /./,
    },
    {
      name: 'TLS spoken to a plain port',
      server: raw(hostileBehaviours.garbage),
      reason: 'tls',
      detail: /^TLS failed/,
      options: { security: 'tls' },
    },
  ]
  it.each(rows)('$name fails as $reason', async ({ server: start, reason, detail, options }) => {
    await using server = await start()
    const result = await grpcProbe({ host, port: server.port, timeoutMs: PATIENT_MS, ...options }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    expect(result.detail).toMatch(detail)
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it('a reset after any part of a good answer has a name', async () => {
    let whole = Buffer.alloc(0)
    await using good = await http2Server((stream) => reply(stream, serving))
    // What a good server sends, recorded once and then cut everywhere.
    await using recorder = await loopbackServer((socket) => {
      const upstream = connect(good.port, host)
      upstream.on('error', () => {})
      upstream.on('data', (chunk: Buffer) => {
        whole = Buffer.concat([whole, chunk])
        socket.write(chunk)
      })
      socket.on('data', (chunk) => upstream.write(chunk))
      socket.on('close', () => upstream.destroy())
    })
    expect(await grpcProbe({ host, port: recorder.port, timeoutMs: PATIENT_MS }).run()).toMatchObject({ outcome: 'pass' })
    let cut = 0
    await using cutting = await loopbackServer((socket) => {
      socket.once('data', () => socket.write(whole.subarray(0, cut), () => socket.resetAndDestroy()))
    })
    const probe = grpcProbe({ host, port: cutting.port, timeoutMs: PATIENT_MS })
    for (cut = 1; cut < whole.length - 40; cut += 7) {
      const result = await probe.run()
      expect(result.outcome === 'fail' ? result.reason : result.outcome, `${cut} bytes`).toMatch(/^(?:reset|closed|pass)$/)
    }
  })
})

describe('grpcProbe', () => {
  it.each([
    { options: { host: '' }, says: 'host' },
    { options: { port: 0 }, says: 'port' },
    { options: { service: 'a\nb' }, says: 'service' },
    { options: { authority: 'a/b' }, says: 'authority' },
    { options: { metadata: { 'grpc-timeout': '1S' } }, says: 'grpc-timeout' },
    { options: { metadata: { Authorization: 'x' } }, says: 'Authorization' },
    { options: { metadata: { authorization: 'secret\n' } }, says: 'line breaks' },
    { options: { unimplemented: 'maybe' }, says: 'unimplemented' },
    { options: { timeout: 5 }, says: 'timeout' },
  ])('rejects options that are not valid, and names $says', ({ options, says }) => {
    const make = () => grpcProbe({ host, port: 1, ...options } as GrpcProbeOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }))
    expect(make).not.toThrow('secret')
  })

  it('repeats no secret that the server repeats', async () => {
    const refusal = { ...header, 'grpc-status': '16', 'grpc-message': 'hunter2%20is%20no%20token' }
    await using server = await http2Server((stream) => stream.respond(refusal, { endStream: true }))
    const metadata = { authorization: 'Bearer hunter2' }
    const result = await grpcProbe({ host, port: server.port, metadata, timeoutMs: PATIENT_MS }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'status', detail: 'UNAUTHENTICATED, expected OK' })
  })

  it('sends the authority, the metadata and its own deadline', async () => {
    let seen: Record<string, unknown> = {}
    const server = createHttp2Server()
    server.on('stream', (stream, headers) => {
      seen = headers
      reply(stream, Buffer.from([0, 0, 0, 0, 2, 8, 1]))
    })
    await using listening = await loopbackServer(server)
    const metadata = { authorization: 'Bearer token' }
    const probe = grpcProbe({ host, port: listening.port, authority: 'shop.example', metadata, timeoutMs: PATIENT_MS })
    expect(await probe.run()).toMatchObject({ outcome: 'pass' })
    expect(seen).toMatchObject({ ':authority': 'shop.example', authorization: 'Bearer token', 'grpc-timeout': '15000m', te: 'trailers' })
    expect(probe.address).toBe(`${host}:${listening.port}`)
  })
})
