import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
const SHORTEST_BYTES = 24
const LONGEST_BYTES = 64

/**
 * Reads a signing secret of Standard Webhooks 1.0.0: `whsec_` and the base64 of 24 to 64 random bytes.
 *
 * @returns the key, or what is wrong with the secret, without any of it
 */
export function readSecret(secret: string): { readonly key: Buffer } | { readonly wrong: string } {
  if (!secret.startsWith(PREFIX)) return { wrong: `expected a secret that starts with ${PREFIX}` }
  const encoded = secret.slice(PREFIX.length)
  const key = Buffer.from(encoded, 'base64')
  // Node's decoder skips what is not base64, and a signature with half a key would only fail at the receiver.
  if (key.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return { wrong: `expected base64 after ${PREFIX}` }
  if (key.length < SHORTEST_BYTES || key.length > LONGEST_BYTES) {
    return { wrong: `expected ${SHORTEST_BYTES} to ${LONGEST_BYTES} bytes after ${PREFIX}, found ${key.length}` }
  }
  return { key }
}

/** The `webhook-signature` of one message: HMAC-SHA256 over `id.timestamp.body`. */
export function signWebhook(message: {
  readonly id: string
  readonly timestampSeconds: number
  readonly body: string
  readonly key: Buffer
}): string {
  const { id, timestampSeconds, body, key } = message
  return `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`
}

/**
 * An alert's id as a `webhook-id`: the same characters where they are harmless, percent-encoded where they are not.
 * A full stop is not: it separates the parts that are signed, and the standard wants none in the id.
 */
export function webhookId(alertId: string): string {
  return alertId.replaceAll(/[^\w:/@=+,~#-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}
