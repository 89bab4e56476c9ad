import { createServer } from 'node:tls'
import { TestClock } from '@hotspare/core/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { certificateChain, CERTIFIED_NAME, type ServerCertificate } from './certificates.fixture.ts'
import { closedPort, hostileBehaviours, type LoopbackServer, loopbackServer, probeContract, slowDrip } from './testing/index.ts'
import { tlsProbe, type TlsProbeOptions } from './tls.ts'

const host = '127.0.0.1'
const timeoutMs = 15_000
const MISSING = 'openssl is not installed: no certificate to test with'

const lasting = certificateChain(60, 90)

probeContract({
  // Only what needs a certificate is skipped without one.
  runner: { describe: lasting ? describe : describe.skip, it },
  name: 'tlsProbe',
  healthy: async () => {
    const server = await loopbackServer(createServer({ ...lasting, ca: undefined }))
    return { ...server, probe: tlsProbe({ host, port: server.port, ca: lasting?.ca, servername: CERTIFIED_NAME, timeoutMs }) }
  },
  dead: async () => ({ probe: tlsProbe({ host, port: await closedPort(), timeoutMs }), close: () => Promise.resolve() }),
  silent: async () => {
    const server = await loopbackServer(hostileBehaviours.silence)
    return { ...server, probe: tlsProbe({ host, port: server.port, timeoutMs: 100 }) }
  },
})

describe('the options of tlsProbe', () => {
  it.each([
    [{ host: '' }, 'host'],
    [{ host, port: 0 }, 'port'],
    [{ host, minVersion: 'TLSv1' }, 'minVersion'],
    [{ host, warnDays: [0] }, 'warnDays'],
    [{ host, alpn: ['a b'] }, 'alpn'],
    [{ host, verify: false }, 'verify'],
  ])('rejects %j, and says where', (options, says) => {
    expect(() => tlsProbe(options as never)).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS', message: expect.stringContaining(says) }),
    )
  })
})

describe('tlsProbe', () => {
  const servers: LoopbackServer[] = []
  let certificate: ServerCertificate | undefined
  let server: LoopbackServer | undefined

  beforeAll(async () => {
    certificate = certificateChain(60, 10)
    if (!certificate) return
    const { key, cert } = certificate
    const open = async (options: object) => {
      const opened = await loopbackServer(createServer({ key, cert, ...options }).on('tlsClientError', () => {}))
      servers.push(opened)
      return opened
    }
    server = await open({ ALPNProtocols: ['h2'] })
    await open({ maxVersion: 'TLSv1.2' })
  })
  afterAll(async () => {
    for (const each of servers) await each.close()
  })

  const rows: readonly (readonly [string, (ca: string) => Partial<TlsProbeOptions>, object])[] = [
    ['fails on certificates that nobody vouches for', () => ({ ca: undefined }), { outcome: 'fail', reason: 'tls' }],
    [
      'fails on a certificate for another name, and still measures it',
      () => ({ servername: 'bank.example' }),
      {
        outcome: 'fail',
        reason: 'tls',
        detail: 'the certificate is not to be trusted: ERR_TLS_CERT_ALTNAME_INVALID',
        measures: { 'certificate-days': expect.closeTo(60, 0), 'chain-days': expect.closeTo(10, 0) },
      },
    ],
    ['fails where no protocol is agreed on', () => ({ port: servers[1]?.port, alpn: ['h2'] }), { outcome: 'fail', reason: 'unexpected' }],
    [
      'fails where the version is too old',
      () => ({ port: servers[1]?.port, minVersion: 'TLSv1.3' }),
      { outcome: 'fail', reason: 'tls', detail: 'the server agrees on TLSv1.2, expected at least TLSv1.3' },
    ],
    [
      'passes, and warns of the certificate in the chain that ends first',
      () => ({ alpn: ['h2'], minVersion: 'TLSv1.3' }),
      {
        outcome: 'pass',
        detail: expect.stringMatching(/^TLSv1\.3, h2, the certificates last (?:9|10) more days$/),
        warning: expect.stringMatching(/^the certificate of middle ends in less than 14 days, on /),
        measures: { 'certificate-days': expect.closeTo(60, 0), 'chain-days': expect.closeTo(10, 0) },
        phases: [{ name: 'connect' }, { name: 'tls' }],
      },
    ],
    ['warns of nothing where it is told so', () => ({ warnDays: [] }), { outcome: 'pass', warning: undefined }],
    ['passes for any name where it is told so', () => ({ rejectUnauthorized: false, servername: 'bank.example' }), { outcome: 'pass' }],
  ]

  it.for(rows)('%s', async ([, options, expected], context) => {
    if (!certificate || !server) return context.skip(MISSING)
    const { ca } = certificate
    const result = await tlsProbe({ host, port: server.port, ca, servername: CERTIFIED_NAME, timeoutMs, ...options(ca) }).run()
    expect({ warning: undefined, ...result }).toMatchObject(expected)
  })

  it('looks for an address in the certificate', async (context) => {
    if (!certificate || !server) return context.skip(MISSING)
    expect(await tlsProbe({ host, port: server.port, ca: certificate.ca, servername: '127.0.0.2', timeoutMs }).run()).toMatchObject({
      reason: 'tls',
      detail: 'the certificate is not to be trusted: ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  it.each([
    { servername: CERTIFIED_NAME, isAsked: true },
    { servername: '127.0.0.2', isAsked: false },
  ])('with the servername $servername asks for it: $isAsked', async ({ servername, isAsked }) => {
    let hello = ''
    await using listening = await loopbackServer((socket) => {
      socket.once('data', (bytes: Buffer) => {
        hello = bytes.toString('latin1')
        socket.destroy()
      })
    })
    await tlsProbe({ host, port: listening.port, servername, timeoutMs }).run()
    expect([hello.includes(servername), hello.length > 0]).toEqual([isAsked, true])
  })

  it('fails once a certificate has ended', async (context) => {
    if (!certificate || !server) return context.skip(MISSING)
    const { ca } = certificate
    const inDays = (days: number) => new TestClock(Date.now() + days * 86_400_000)
    const probe = (days: number, rejectUnauthorized = true) =>
      tlsProbe({ host, port: server?.port, ca, servername: CERTIFIED_NAME, rejectUnauthorized, timeoutMs, clock: inDays(days) }).run()
    expect(await probe(61)).toMatchObject({
      outcome: 'fail',
      reason: 'tls',
      detail: expect.stringMatching(/^the certificate of shop\.example ended on /),
    })
    expect(await probe(11, false)).toMatchObject({ outcome: 'fail', detail: expect.stringMatching(/^the certificate of middle ended on /) })
  })

  it.each([
    { name: 'garbage', behaviour: hostileBehaviours.garbage, reason: 'tls' },
    { name: 'HTTP', behaviour: hostileBehaviours.halfResponse, reason: 'tls' },
    { name: 'an empty reply', behaviour: hostileBehaviours.emptyReply, reason: 'closed' },
    { name: 'a reset', behaviour: hostileBehaviours.reset, reason: 'reset' },
    { name: 'a header without end', behaviour: hostileBehaviours.endlessHeader, reason: 'tls' },
    { name: 'a slow drip', behaviour: slowDrip(20, '\u0016\u0003\u0003\u0000\u00ff'.repeat(20)), reason: 'timeout', short: 150 },
  ])('$name instead of a handshake fails as $reason', async ({ behaviour, reason, short }) => {
    await using hostile = await loopbackServer(behaviour)
    const result = await tlsProbe({ host, port: hostile.port, timeoutMs: short ?? timeoutMs }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason })
    await expect.poll(() => hostile.openConnections(), { timeout: 5_000 }).toBe(0)
  })
})
