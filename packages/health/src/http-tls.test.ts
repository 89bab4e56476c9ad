import { createServer } from 'node:https'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { selfSigned, type ServerCertificate } from './certificates.fixture.ts'
import type { ProbeTlsOptions } from './connection-options.ts'
import { httpProbe } from './http.ts'
import { type LoopbackServer, loopbackServer } from './testing/index.ts'

describe('httpProbe over TLS', () => {
  let certificate: ServerCertificate | undefined
  let server: LoopbackServer | undefined

  beforeAll(async () => {
    certificate = selfSigned()
    if (certificate)
      server = await loopbackServer(
        createServer({ key: certificate.key, cert: certificate.cert }, (_request, response) => response.end('ready')),
      )
  })
  afterAll(() => server?.close())

  const rows: readonly { name: string; tls: (ca: string) => ProbeTlsOptions; expected: object }[] = [
    { name: 'fails on a certificate that nobody vouches for', tls: () => ({}), expected: { outcome: 'fail', reason: 'tls' } },
    {
      name: 'fails on a certificate for another name',
      tls: (ca) => ({ ca, servername: 'bank.example' }),
      expected: { outcome: 'fail', reason: 'tls', detail: expect.stringContaining('altnames') },
    },
    {
      name: 'passes with a trusted certificate and its name, and warns that it ends soon',
      tls: (ca) => ({ ca, servername: 'shop.example' }),
      expected: {
        outcome: 'pass',
        warning: expect.stringMatching(/^the certificate of shop\.example ends in less than 14 days, on \d{4}-\d\d-\d\d$/),
        measures: { 'certificate-days': expect.closeTo(2, 0), 'chain-days': expect.closeTo(2, 0), 'body-bytes': 5 },
        phases: [{ name: 'connect' }, { name: 'tls' }, { name: 'first-byte' }, { name: 'transfer' }],
      },
    },
    { name: 'passes on any certificate where it is told so', tls: () => ({ rejectUnauthorized: false }), expected: { outcome: 'pass' } },
  ]

  it.for(rows)('$name', async ({ tls, expected }, context) => {
    if (!certificate || !server) return context.skip('openssl is not installed: no certificate to test with')
    const probe = httpProbe({ url: `https://127.0.0.1:${server.port}/`, tls: tls(certificate.cert), timeoutMs: 15_000 })
    expect(await probe.run()).toMatchObject(expected)
  })

  it('takes the name from the Host header, and connects where it is told', async (context) => {
    if (!certificate || !server) return context.skip('openssl is not installed: no certificate to test with')
    const ca = certificate.cert
    const timeoutMs = 15_000
    const byHost = httpProbe({ url: `https://127.0.0.1:${server.port}/`, headers: { host: 'shop.example:443' }, tls: { ca }, timeoutMs })
    expect(await byHost.run()).toMatchObject({ outcome: 'pass' })
    const connectTo = { host: '127.0.0.1', port: server.port }
    const byUrl = httpProbe({ url: 'https://shop.example/', connectTo, tls: { ca }, warnDaysLeft: 0, timeoutMs })
    const result = await byUrl.run()
    expect(result).toMatchObject({ outcome: 'pass' })
    expect(result.warning).toBeUndefined()
    const other = httpProbe({ url: 'https://bank.example/', connectTo, tls: { ca }, timeoutMs })
    expect(await other.run()).toMatchObject({ outcome: 'fail', reason: 'tls' })
  })
})
