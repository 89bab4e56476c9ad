import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { errorText, HotspareError } from '@hotspare/core'
import { isServerName } from './server-names.ts'

/** A certificate and its key, as PEM. */
export interface ServerCertificate {
  /** The server's own certificate first, then those that lead to a root. */
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  /** Names for which it is chosen. Default: the DNS names in the certificate. */
  readonly serverNames?: readonly string[] | undefined
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** The names for which it is chosen; the first also names it to people. */
  readonly names: readonly string[]
  /** Milliseconds since the Unix epoch, both. */
  readonly notBefore: number
  readonly notAfter: number
  /** SHA-256 of the certificate, in hexadecimal digits. */
  readonly fingerprint: string
}

/** A certificate that has been read and whose key is its own. */
export interface ReadCertificate extends CertificateFacts {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
}

/**
 * Reads a certificate and its key, and holds them against each other. Whether it is valid now is `validityProblem`'s to say.
 *
 * @param who how the error calls it: `certificates[1]`
 * @throws HotspareError `HOTSPARE_PROXY_CERTIFICATE` that names it and says why; never with a byte of the key
 */
export function readCertificate({ cert, key, serverNames }: ServerCertificate, who: string): ReadCertificate {
  const parsed = parseCertificate(cert, who)
  const privateKey = parseKey(key, `${who} (${describe(parsed)})`)
  if (!parsed.checkPrivateKey(privateKey)) throw certificateError(`${who} (${describe(parsed)})`, 'the key belongs to another certificate')
  refuseUnusable({ cert, key }, `${who} (${describe(parsed)})`)
  const names = serverNames ?? dnsNames(parsed)
  const bad = names.find((name) => !isServerName(name))
  if (bad !== undefined) throw certificateError(who, `${JSON.stringify(bad)} is no server name`)
  return {
    cert,
    key,
    names,
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

/** What a certificate says of itself, without its key. */
export function certificateFacts({ names, notBefore, notAfter, fingerprint }: CertificateFacts): CertificateFacts {
  return { names, notBefore, notAfter, fingerprint }
}

/** Why no client would accept it at that time; undefined where it is valid. @param atMs milliseconds since the Unix epoch */
export function validityProblem({ notBefore, notAfter }: CertificateFacts, atMs: number): string | undefined {
  if (atMs > notAfter) return `it expired on ${day(notAfter)}`
  return atMs < notBefore ? `it is not valid before ${new Date(notBefore).toISOString()}` : undefined
}

/** How people call it. */
export function certificateName({ names, fingerprint }: CertificateFacts): string {
  return names[0] ?? fingerprint.slice(0, SHORT_FINGERPRINT)
}

const SHORT_FINGERPRINT = 16

export function certificateError(who: string, why: string, cause?: unknown): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_PROXY_CERTIFICATE', message: `proxy: ${who}: ${why}`, cause })
}

function parseCertificate(cert: string | Uint8Array, who: string): X509Certificate {
  try {
    return new X509Certificate(cert)
  } catch {
    throw certificateError(who, cert.length === 0 ? 'the certificate is empty' : 'the certificate is no PEM certificate')
  }
}

function parseKey(key: string | Uint8Array, who: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(key), format: 'pem' })
  } catch (error) {
    // What OpenSSL says holds nothing of the key, but is for people only in this case.
    const locked = /interrupted|passphrase|bad decrypt/i.test(errorText(error))
    throw certificateError(who, locked ? 'the key is encrypted: decrypt it first' : 'the key is no PEM private key')
  }
}

/** What reads well may still be refused by TLS: a key that is too short for it, a broken certificate behind the first. */
function refuseUnusable({ cert, key }: Pick<ServerCertificate, 'cert' | 'key'>, who: string): void {
  try {
    // Without authorities: those of the system are of no use here, and take their time to read.
    createSecureContext({ cert: Buffer.from(cert), key: Buffer.from(key), ca: [] })
  } catch (error) {
    throw certificateError(who, `TLS cannot use it: ${errorText(error)}`)
  }
}

/** RFC 9525: the names are in the extension, and nowhere else. */
function dnsNames({ subjectAltName }: X509Certificate): readonly string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .filter((part) => part.startsWith('DNS:'))
    .map((part) => part.slice('DNS:'.length))
    .filter(isServerName)
}

function describe(parsed: X509Certificate): string {
  return dnsNames(parsed)[0] ?? parsed.subject.split('\n').at(-1) ?? 'without a name'
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}
