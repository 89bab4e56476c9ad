import { createSecureServer, createServer, type ServerHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { selfSigned } from './certificates.fixture.ts'
import { httpProbe, type HttpProbeOptions } from './http.ts'
import type { ProbeResult } from './probe.ts'
import { closedPort, hostileBehaviours, type LoopbackServer, loopbackServer, probeContract, slowDrip } from './testing/index.ts'

const timeoutMs = 15_000

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

function origin(answer: Answer): Promise<LoopbackServer> {
  const server = createServer()
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    answer(stream, headers)
  })
  return loopbackServer(server)
}

async function probed(answer: Answer, options: Omit<HttpProbeOptions, 'url'> = {}): Promise<ProbeResult> {
  await using server = await origin(answer)
  const result = await httpProbe({ url: `http://127.0.0.1:${server.port}/`, httpVersion: '2', timeoutMs, ...options }).run()
  await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  return result
}

const ready: Answer = (stream) => {
  stream.respond({ ':status': 200 })
  stream.end('ready')
}

probeContract({
  runner: { describe, it },
  name: 'httpProbe over HTTP/2',
  healthy: async () => {
    const server = await origin(ready)
    return { ...server, probe: httpProbe({ url: `http://127.0.0.1:${server.port}/`, httpVersion: '2', expectBody: 'ready', timeoutMs }) }
  },
  dead: async () => ({
    probe: httpProbe({ url: `http://127.0.0.1:${await closedPort()}/`, httpVersion: '2', timeoutMs }),
    close: () => Promise.resolve(),
  }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: httpProbe({ url: `http://127.0.0.1:${server.port}/`, httpVersion: '2', timeoutMs: 100 }) }
  },
})

describe('httpProbe over HTTP/2 against a hostile server', () => {
  const { garbage, emptyReply, reset } = hostileBehaviours
  it.each([
    { name: 'garbage', behaviour: garbage, reason: 'protocol' },
    { name: 'HTTP/1.1', behaviour: hostileBehaviours.halfResponse, reason: 'protocol' },
    { name: 'an empty reply', behaviour: emptyReply, reason: 'closed' },
    { name: 'a reset', behaviour: reset, reason: 'reset' },
    { name: 'a slow drip', behaviour: slowDrip(20, '\0'.repeat(100)), reason: 'timeout', short: 150 },
  ])('$name fails as $reason', async ({ behaviour, reason, short }) => {
    await using server = await loopbackServer(behaviour)
    const url = `http://127.0.0.1:${server.port}/`
    const result = await httpProbe({ url, httpVersion: '2', timeoutMs: short ?? timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    await expect.poll(() => server.openConnections(), { timeout: 5_000 }).toBe(0)
  })

  it.each<[string, Answer, object]>([
    ['a stream that is refused', (stream) => stream.close(7), { reason: 'closed', detail: 'the server ended the stream (REFUSED_STREAM)' }],
    [
      'a stream that is broken off in the body',
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.write('hello', () => stream.destroy(new Error('broken')))
      },
      { reason: 'closed' },
    ],
    ['a session that is torn down', (stream) => stream.session?.socket.destroy(), { outcome: 'fail' }],
    [
      'a header of too many lines',
      (stream) => stream.respond(Object.fromEntries(Array.from({ length: 200 }, (_line, index) => [`x-${index}`, 'a']))),
      { reason: 'header-overflow', detail: 'the header is longer than 128 lines' },
    ],
    [
      'a header that is too long',
      (stream) => stream.respond({ ':status': 200, 'x-a': 'a'.repeat(9_000), 'x-b': 'b'.repeat(9_000) }),
      { reason: 'header-overflow' },
    ],
    [
      'a body that is shorter than it says',
      (stream) => {
        stream.respond({ ':status': 200, 'content-length': 100 })
        stream.end('hello')
      },
      { outcome: 'fail' },
    ],
    [
      'interim answers without end',
      (stream) => {
        for (let count = 0; count < 20; count += 1) stream.additionalHeaders({ ':status': 103 })
      },
      { reason: 'protocol', detail: 'more than 10 interim answers (1xx)' },
    ],
  ])('%s fails', async (_name, answer, expected) => {
    expect(await probed(answer)).toMatchObject({ outcome: 'fail', ...expected })
  })

  it('a body without end is read up to the limit', async () => {
    const pour: Answer = (stream) => {
      stream.respond({ ':status': 200 })
      const more = () => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
        if (!stream.destroyed) stream.once('drain', more)
      }
      more()
    }
    expect(await probed(pour)).toMatchObject({ outcome: 'pass', detail: '200 OK, read the first 65536 bytes and left the rest' })
  })
})

/** What stands before a TLS server, and resets each connection as soon as the server's part of the handshake is through. */
function resetsAfterHandshake(port: number): Promise<LoopbackServer> {
  return loopbackServer((client) => {
    const server = connect(port, '127.0.0.1')
    server.on('error', () => client.destroy())
    client.on('close', () => server.destroy())
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => client.write(bytes, () => client.resetAndDestroy()))
  })
}

describe('httpProbe over HTTP/2 in TLS', () => {
  it('is not left waiting for its deadline by a reset right after the handshake', async (context) => {
    // Node told nobody of it where HTTP/2 had taken the connection over in the turn before.
    const certificate = selfSigned()
    if (!certificate) return context.skip('openssl is not installed: no certificate to test with')
    const { key, cert } = certificate
    await using server = await loopbackServer(createSecureServer({ key, cert }).on('sessionError', () => {}))
    await using between = await resetsAfterHandshake(server.port)
    const options = {
      url: `https://127.0.0.1:${between.port}/`,
      httpVersion: '2',
      tls: { rejectUnauthorized: false },
      timeoutMs: 10_000,
    } as const
    for (let count = 0; count < 20; count += 1) {
      const result = await httpProbe(options).run()
      expect(result.outcome === 'fail' && result.reason).toMatch(/^(?:reset|closed)$/)
    }
  })
})

describe('httpProbe over HTTP/2', () => {
  it('asks with its own headers under yours, and sends a body', async () => {
    const seen: IncomingHttpHeaders[] = []
    const result = await probed(
      (stream, headers) => {
        seen.push(headers)
        stream.respond({ ':status': 200, 'x-a': ['b', 'c'] })
        stream.pipe(stream)
      },
      {
        method: 'POST',
        body: 'hello',
        headers: { Host: 'shop.example', 'X-Own': '1' },
        expectBody: 'hello',
        expectHeaders: { 'x-a': '/c/' },
      },
    )
    expect(result).toMatchObject({ outcome: 'pass', detail: '200 OK, 5 bytes' })
    expect(result.phases?.map(({ name }) => name)).toEqual(['connect', 'first-byte', 'transfer'])
    expect(seen[0]).toMatchObject({
      ':authority': 'shop.example',
      ':method': 'POST',
      ':scheme': 'http',
      'accept-encoding': 'identity',
      'content-length': '5',
      'x-own': '1',
    })
  })

  it.for([
    { httpVersion: '2', withOld: { outcome: 'fail' } },
    { httpVersion: 'auto', withOld: { outcome: 'pass' } },
  ] as const)(
    'is agreed on in TLS with version $httpVersion, which must $withOld.outcome where the server knows no other than 1.1',
    async (row, context) => {
      const certificate = selfSigned()
      if (!certificate) return context.skip('openssl is not installed: no certificate to test with')
      const { key, cert } = certificate
      await using modern = await loopbackServer(createSecureServer({ key, cert }, (request, response) => response.end(request.httpVersion)))
      await using old = await loopbackServer(createHttpsServer({ key, cert }, (request, response) => response.end(request.httpVersion)))
      const { httpVersion } = row
      const probe = (port: number, expectBody: string) =>
        httpProbe({ url: `https://127.0.0.1:${port}/`, httpVersion, expectBody, tls: { rejectUnauthorized: false }, timeoutMs }).run()
      expect(await probe(modern.port, '2.0')).toMatchObject({ outcome: 'pass' })
      expect(await probe(old.port, '1.1')).toMatchObject(row.withOld)
    },
  )
})
