import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { clipDetail, errorCode, errorText } from '@hotspare/core'

/**
 * TLS 1.3 with an external pre-shared key, always together with a fresh key exchange (`psk_dhe_ke`, the only mode that
 * OpenSSL offers unasked): what was recorded stays closed when the secret leaks later. Only ciphers of SHA-256, since a
 * key belongs to one hash.
 */
export const SECURE_OPTIONS: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
  // A ticket would let its owner come back without the key, a rotated one included, and without saying who he is.
  secureOptions: constants.SSL_OP_NO_TICKET,
}

/** Why a stranger was not let in. */
export type StrangerReason =
  /** It named a key that we have, and does not have it. */
  | 'wrong-key'
  /** It named no key, or none that we have. */
  | 'no-known-key'
  /** Not the TLS that we speak: plain HTTP, a scanner, garbage. */
  | 'not-ours'
  /** It hung up or was too slow. */
  | 'no-handshake'
  /** There were too many, and it was the oldest of the network that had most. */
  | 'too-many'

/** @param named the identity that it sent, if it got so far */
export function strangerReason(error: unknown, named: string | undefined): Exclude<StrangerReason, 'too-many'> {
  const code = errorCode(error) ?? ''
  if (/BINDER_DOES_NOT_VERIFY/.test(code)) return 'wrong-key'
  if (named !== undefined || /NO_SUITABLE_SIGNATURE_ALGORITHM/.test(code)) return 'no-known-key'
  return code.startsWith('ERR_SSL_') ? 'not-ours' : 'no-handshake'
}

/** Why who answers at a peer's address is not taken for the peer. */
export type ImpostorReason = 'wrong-key' | 'no-known-key' | 'certificate' | 'not-ours'

/** @returns undefined for an error that says nothing about who answers */
export function impostorReason(error: unknown): ImpostorReason | undefined {
  const code = errorCode(error) ?? ''
  if (/CERT|UNABLE_TO_/.test(code)) return 'certificate'
  if (!code.startsWith('ERR_SSL_')) return undefined
  // OpenSSL 3.0 sends illegal_parameter where 3.5 sends decrypt_error.
  if (/DECRYPT_ERROR|ILLEGAL_PARAMETER/.test(code)) return 'wrong-key'
  return /HANDSHAKE_FAILURE/.test(code) ? 'no-known-key' : 'not-ours'
}

const IMPOSTOR_TEXT: Readonly<Record<ImpostorReason, string>> = {
  'wrong-key': 'it has another secret under the same key id',
  'no-known-key': 'it does not know our key id, or does not expect us, or is another node',
  certificate: 'it shows a certificate instead of proving the secret',
  'not-ours': 'what answers there is no peer channel',
}

export function impostorText(reason: ImpostorReason, error: unknown): string {
  return reason === 'not-ours' ? `${IMPOSTOR_TEXT[reason]} (${clipDetail(errorCode(error) ?? errorText(error))})` : IMPOSTOR_TEXT[reason]
}

/**
 * Is asked only when a certificate was shown. With TLS 1.3 a server may answer an offered key with a certificate, and
 * Node would then be content with any that its root store trusts: so none is good enough.
 */
export function refuseCertificate(): Error {
  return Object.assign(new Error('a certificate was shown'), { code: 'CERTIFICATE_SHOWN' })
}
