import { execFileSync } from 'node:child_process'
import { beforeEach, describe, expect, it } from 'vitest'
import { needOpenssl, selfSigned } from '../certificates.fixture.ts'
import { readCertificate, type ServerCertificate, validityProblem } from './certificate.ts'

beforeEach(needOpenssl)

const DAY_MS = 86_400_000
const NO_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

/** A key and its certificate in one text; each is read out of it. */
function weak(): ServerCertificate {
  const args = ['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak.example', '-days', '2', '-keyout', '-']
  const both = execFileSync('openssl', [...args, '-addext', 'subjectAltName=DNS:weak.example'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return { cert: both, key: both }
}

describe('a certificate that cannot be used', () => {
  const one = () => selfSigned(['one.example'])
  const encrypted = () =>
    execFileSync('openssl', ['pkcs8', '-topk8', '-passout', 'pass:secret-word'], { input: one().key, encoding: 'utf8' })

  it.each<[what: string, make: () => ServerCertificate, says: RegExp]>([
    ['without a certificate', () => ({ ...one(), cert: '' }), /certificates\[1\]: the certificate is empty/],
    ['with nonsense for one', () => ({ ...one(), cert: 'nonsense' }), /certificates\[1\]: the certificate is no PEM/],
    ['that is half', () => ({ ...one(), cert: one().cert.slice(0, 200) }), /certificates\[1\]: the certificate is no PEM/],
    ['with its key in its place', () => ({ ...one(), cert: one().key }), /certificates\[1\]: the certificate is no PEM/],
    ['with nonsense for a key', () => ({ ...one(), key: 'nonsense' }), /certificates\[1\] \(one\.example\): the key is no PEM/],
    ['with half a key', () => ({ ...one(), key: one().key.slice(0, 100) }), /certificates\[1\] \(one\.example\): the key is no PEM/],
    [
      'with the key of another one',
      () => ({ ...one(), key: selfSigned(['two.example']).key }),
      /one\.example\): the key belongs to another/,
    ],
    ['with an encrypted key', () => ({ ...one(), key: encrypted() }), /one\.example\): the key is encrypted/],
    ['with a key that TLS finds too short', weak, /weak\.example\): TLS cannot use it: .*too small/],
    ['with a broken one behind it', () => ({ ...one(), cert: one().cert + NO_CERTIFICATE }), /one\.example\): TLS cannot use it/],
    ['with a name that is none', () => ({ ...one(), serverNames: ['a b'] }), /"a b" is no server name/],
  ])('%s is named, with why, and nothing of the key', (_what, make, says) => {
    const given = make()
    let error: unknown
    try {
      readCertificate(given, 'certificates[1]')
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ code: 'HOTSPARE_PROXY_CERTIFICATE', message: expect.stringMatching(says) })
    expect(String(error)).not.toMatch(/BEGIN|secret-word/)
  })
})

describe('a certificate', () => {
  it('says whom it is for, and until when', () => {
    const atMs = Date.now()
    const { names, notAfter, notBefore, fingerprint } = readCertificate(selfSigned(['a.example', '*.b.example'], 3), 'it')
    expect(names).toEqual(['a.example', '*.b.example'])
    expect(Math.abs(notAfter - atMs - 3 * DAY_MS)).toBeLessThan(600_000)
    expect(notBefore).toBeLessThanOrEqual(atMs)
    expect(fingerprint).toMatch(/^[\da-f]{64}$/)
  })

  it('is read from bytes as well, and may be for other names than its own, or for none', () => {
    const { cert, key } = selfSigned([])
    const bytes = { cert: Buffer.from(cert), key: Buffer.from(key) }
    expect(readCertificate(bytes, 'it').names).toEqual([])
    expect(readCertificate({ ...bytes, serverNames: ['other.example'] }, 'it').names).toEqual(['other.example'])
  })

  it('is not valid when it has expired, or not begun', () => {
    const read = readCertificate(selfSigned(['a.example'], 2), 'it')
    expect(validityProblem(read, Date.now() + 3 * DAY_MS)).toMatch(/^it expired on \d{4}-\d\d-\d\d$/)
    expect(validityProblem(read, Date.now() - DAY_MS)).toMatch(/^it is not valid before /)
    expect(validityProblem(read, Date.now() + 60_000)).toBeUndefined()
  })
})
