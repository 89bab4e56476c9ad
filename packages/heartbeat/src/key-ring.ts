import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { MAC_BYTES } from './packet.ts'

/** A key as people configure it. */
export interface HeartbeatKey {
  /** 1 to 255; stands in every packet, so one id means one secret on all nodes. */
  readonly id: number
  /** At least 16 characters, from a generator and not from a person: captured packets allow guessing at leisure. */
  readonly secret: string
}

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
 * @param keys checked already: at least one, ids unique
 */
export function createKeyRing(keys: readonly HeartbeatKey[]): KeyRing {
  const derived = new Map(keys.map(({ id, secret }) => [id, deriveKey(secret)]))
  const sendingId = keys[0]?.id ?? 0
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

function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'hotspare', 'heartbeat v1', 32))
}
