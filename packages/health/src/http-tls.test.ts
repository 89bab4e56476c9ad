import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpProbe, type HttpProbeTlsOptions } from './http.ts'
import { type LoopbackServer, loopbackServer } from './testing/index.ts'

interface Certificate {
  readonly key: string
  readonly cert: string
}

/** A self-signed certificate for shop.example, or undefined where there is no openssl to make one. */
function selfSigned(): Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'hotspare-health-'))
  const keyFile = join(folder, 'key.pem')
  const certFile = join(folder, 'cert.pem')
  try {
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const subject = ['-subj', '/CN=shop.example', '-addext', 'subjectAltName=DNS:shop.example']
    execFileSync('openssl', [...request, ...subject, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' })
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('httpProbe over TLS', () => {
  let certificate: Certificate | undefined
  let server: LoopbackServer | undefined

  beforeAll(async () => {
    certificate = selfSigned()
    if (certificate) server = await loopbackServer(createServer({ ...certificate }, (_request, response) => response.end('ready')))
  })
  afterAll(() => server?.close())

  const rows: readonly { name: string; tls: (ca: string) => HttpProbeTlsOptions; expected: object }[] = [
    { name: 'fails on a certificate that nobody vouches for', tls: () => ({}), expected: { outcome: 'fail', reason: 'tls' } },
    {
      name: 'fails on a certificate for another name',
      tls: (ca) => ({ ca, servername: 'bank.example' }),
      expected: { outcome: 'fail', reason: 'tls', detail: expect.stringContaining('altnames') },
    },
    {
      name: 'passes with a trusted certificate and its name',
      tls: (ca) => ({ ca, servername: 'shop.example' }),
      expected: { outcome: 'pass' },
    },
    { name: 'passes on any certificate where it is told so', tls: () => ({ rejectUnauthorized: false }), expected: { outcome: 'pass' } },
  ]

  it.for(rows)('$name', async ({ tls, expected }, context) => {
    if (!certificate || !server) return context.skip('openssl is not installed: no certificate to test with')
    const probe = httpProbe({ url: `https://127.0.0.1:${server.port}/`, tls: tls(certificate.cert), timeoutMs: 15_000 })
    expect(await probe.run()).toMatchObject(expected)
  })
})
