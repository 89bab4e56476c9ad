import { createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'
import { MAC_BYTES } from './packet.ts'
import type { ClusterSecret } from './schema-parts.ts'

/** Signs with the first key, accepts all. */
export interface KeyRing {
  readonly sendingId: number
  has(id: number): boolean
  sign(body: Uint8Array): Uint8Array
  /** @returns false for an unknown key too */
  verify(id: number, body: Uint8Array, mac: Uint8Array): boolean
}

/**
 * Derives, by HKDF-SHA256 (RFC 5869), a key that is used for heartbeats alone: the same secret may serve other purposes
 * without one of them weakening another. The MAC is cut to 16 bytes, as in RFC 4868: a forger has one guess for each packet that he
 * sends, and 2^128 of them are out of reach, while 32 bytes would only make each packet longer.
 *
 * @param secrets checked already: at least one, ids unique
 */
export function createKeyRing(secrets: readonly ClusterSecret[]): KeyRing {
  const derived = new Map(secrets.map(({ id, secret }) => [id, deriveKey(secret)]))
  const sendingId = secrets[0]?.id ?? 0
  const macWith = (id: number, body: Uint8Array): Uint8Array | undefined => {
    const key = derived.get(id)
    return key && createHmac('sha256', key).update(body).digest().subarray(0, MAC_BYTES)
  }
  return {
    sendingId,
    has: (id) => derived.has(id),
    sign: (body) => macWith(sendingId, body) ?? new Uint8Array(MAC_BYTES),
    verify(id, body, mac) {
      const expected = macWith(id, body)
      return expected !== undefined && mac.length === expected.length && timingSafeEqual(expected, mac)
    },
  }
}

/** As an object: made from bytes anew, a key costs more than the MAC itself. */
function deriveKey(secret: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', secret, 'hotspare', 'heartbeat v1', 32)))
}
