import { errorCode } from './errors.ts'

/** What went wrong between this machine and another, in one word. */
export type NetworkFault =
  /** The name could not be looked up. */
  | 'dns'
  /** Nothing listens on the port. */
  | 'refused'
  /** The other side tore the connection down. */
  | 'reset'
  /** No route to the host or its network. */
  | 'unreachable'
  /** The kernel gave up waiting. */
  | 'timeout'
  /** TLS could not be agreed on, or the certificate is not to be trusted. */
  | 'tls'
  /** This machine is out of something, or may not: it says nothing about the other side. */
  | 'local'

const FAULT_OF_CODE: ReadonlyMap<string, NetworkFault> = new Map<string, NetworkFault>([
  ['ENOTFOUND', 'dns'],
  ['ENODATA', 'dns'],
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['EHOSTUNREACH', 'unreachable'],
  ['EHOSTDOWN', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['ENETDOWN', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
  ['EPROTO', 'tls'],
  // OpenSSL's names for a certificate that fails its check, those without CERT in them.
  ['HOSTNAME_MISMATCH', 'tls'],
  ['INVALID_CA', 'tls'],
  ['INVALID_PURPOSE', 'tls'],
  ['PATH_LENGTH_EXCEEDED', 'tls'],
  // No file descriptors, no buffers, no memory, no free port to connect from; a local firewall or sandbox.
  ['EMFILE', 'local'],
  ['ENFILE', 'local'],
  ['ENOBUFS', 'local'],
  ['ENOMEM', 'local'],
  ['EAI_MEMORY', 'local'],
  ['EADDRNOTAVAIL', 'local'],
  ['EACCES', 'local'],
  ['EPERM', 'local'],
])

/**
 * Sorts an error of a socket, a look-up or TLS by its code. Where several addresses of a name were tried, it is `local`
 * only if every attempt was: a machine without IPv6 fails locally at `::1`, and that must not hide that `127.0.0.1` refuses.
 *
 * @returns undefined for an error that is none of these: a protocol's own, a programming error, no error at all
 */
export function networkFault(error: unknown): NetworkFault | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const faults = error.errors.map(networkFault)
    return (
      faults.find((fault) => fault !== undefined && fault !== 'local') ?? (faults.every((fault) => fault === 'local') ? 'local' : undefined)
    )
  }
  const code = errorCode(error) ?? ''
  const known = FAULT_OF_CODE.get(code)
  if (known) return known
  if (code.startsWith('EAI_')) return 'dns'
  return /^ERR_(?:TLS|SSL|OSSL)_|CERT|^CRL_|^UNABLE_TO_/.test(code) ? 'tls' : undefined
}
