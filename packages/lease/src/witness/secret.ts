import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** What a node and the witness share. */
export interface WitnessSecret {
  /** Names the secret in a request, so that an old and a new one may be in use at once: 1 to 32 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string
  /** At least 16 bytes that nobody can guess, as of `openssl rand -base64 32`. */
  readonly secret: string
}

/** Fewer could be found by trying: 128 bits is what NIST SP 800-107 asks of an HMAC key for the long run. */
const FEWEST_SECRET_BYTES = 16

export const witnessSecretSchema: z.ZodType<WitnessSecret, WitnessSecret> = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/, 'expected 1 to 32 letters, digits and . _ -'),
  secret: z.string().refine((secret) => Buffer.byteLength(secret) >= FEWEST_SECRET_BYTES, `expected at least ${FEWEST_SECRET_BYTES} bytes`),
})

/** A secret made ready for use; printing it shows neither the secret nor the key. */
export interface WitnessKey {
  readonly id: string
  readonly key: KeyObject
}

/** Of its own for this one purpose (RFC 5869): the same secret may also sign heartbeats, and neither can pass for the other. */
export function witnessKey({ id, secret }: WitnessSecret): WitnessKey {
  return { id, key: createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'hotspare-witness-v1', 32))) }
}
