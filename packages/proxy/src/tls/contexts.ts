import { constants, createHash, randomBytes } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { errorText } from '@hotspare/core'
import {
  type CertificateFacts,
  certificateError,
  certificateFacts,
  certificateName,
  type ReadCertificate,
  readCertificate,
  type ServerCertificate,
  validityProblem,
} from './certificate.ts'
import type { TlsSettings } from './options.ts'
import { ServerNames } from './server-names.ts'

/** What handshakes are made with, all certificates together. */
export interface Contexts {
  /** For clients that name nobody we know. */
  readonly first: SecureContextOptions
  readonly byName: ServerNames<SecureContext>
  readonly certificates: readonly CertificateFacts[]
}

/** A certificate that is at hand in the place of another one may be no worse than that. */
export interface Replacement {
  /** What is in use. */
  readonly before: readonly CertificateFacts[]
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** What all handshakes of one proxy share, whatever the certificate. */
export function sharedOptions({ minVersion, ticketKeys, clientCa, requireClientCertificate }: TlsSettings): SecureContextOptions {
  const policy = createHash('sha256').update(String(requireClientCertificate))
  if (clientCa !== undefined) policy.update(clientCa)
  return {
    minVersion,
    // The same for all certificates, so that a session outlives the one that it began with.
    ticketKeys: Buffer.from(ticketKeys ?? randomBytes(48)),
    // A session that began where other clients are believed is none here.
    sessionIdContext: policy.digest('hex').slice(0, 32),
    // Work for us and none for the client; HTTP has no use for it (RFC 9113, 9.2.1).
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...(clientCa === undefined ? {} : { ca: Buffer.from(clientCa) }),
  }
}

/**
 * @param replaces what is refused then is a certificate that is not valid now, but for one that is in use already
 * @throws HotspareError `HOTSPARE_PROXY_CERTIFICATE` that names the first one that cannot be used, and says why
 */
export function makeContexts(list: readonly ServerCertificate[], shared: SecureContextOptions, replaces?: Replacement): Contexts {
  const made = list.map((given, index) => {
    const who = `certificates[${index}]`
    const read = readCertificate(given, who)
    if (replaces) refuseInvalid(read, who, replaces)
    const options: SecureContextOptions = { ...shared, cert: Buffer.from(read.cert), key: Buffer.from(read.key) }
    return { read, options, context: secureContext(options, `${who} (${certificateName(read)})`) }
  })
  return {
    first: made[0]?.options ?? shared,
    byName: new ServerNames(made.map(({ read, context }) => ({ names: read.names, value: context }))),
    certificates: made.map(({ read }) => certificateFacts(read)),
  }
}

function refuseInvalid(read: ReadCertificate, who: string, { before, atMs }: Replacement): void {
  const problem = validityProblem(read, atMs)
  if (problem === undefined || before.some(({ fingerprint }) => fingerprint === read.fingerprint)) return
  throw certificateError(`${who} (${certificateName(read)})`, problem)
}

function secureContext(options: SecureContextOptions, who: string): SecureContext {
  try {
    return createSecureContext(options)
  } catch (error) {
    throw certificateError(who, `TLS cannot use it: ${errorText(error)}`)
  }
}
