import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** What a node and the witness share. */
export interface WitnessSecret {
  /** Names the secret in a request, so that an old and a new one may be in use at once: 1 to 255. */
  readonly id: number
  /** At least 16 bytes that nobody can guess, as of `openssl rand -base64 32`. */
  readonly secret: string
}

/** Fewer could be found by trying: 128 bits is what NIST SP 800-107 asks of an HMAC key for the long run. */
const FEWEST_SECRET_BYTES = 16

export const witnessSecretSchema: z.ZodType<WitnessSecret, WitnessSecret> = z.strictObject({
  id: z.int().min(1).max(255),
  secret: z
    .string()
    .max(1_024)
    .refine((secret) => Buffer.byteLength(secret) >= FEWEST_SECRET_BYTES, `expected at least ${FEWEST_SECRET_BYTES} bytes`),
})

/** A secret made ready for use; printing it shows neither the secret nor the key. */
export interface WitnessKey {
  readonly id: string
  readonly key: KeyObject
}

/** A key for this purpose alone (RFC 5869): the same secret may also sign heartbeats, and neither can pass for the other. */
export function witnessKey({ id, secret }: WitnessSecret): WitnessKey {
  return { id: String(id), key: createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'hotspare-witness-v1', 32))) }
}
