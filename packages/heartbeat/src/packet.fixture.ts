import { createKeyRing, type KeyRing } from './key-ring.ts'
import { nameId } from './name-id.ts'
import { type Beat, encodeBeat } from './packet.ts'
import type { ClusterSecret } from './schema-parts.ts'

export const KEYS: readonly ClusterSecret[] = [{ id: 7, secret: 'the secret of the first key' }]
export const keyRing: KeyRing = createKeyRing(KEYS)

/** A beat from `a` to `b` on path 1, changed as told. */
export function beat(changes: Partial<Beat> = {}): Beat {
  return {
    keyId: 7,
    goodbye: false,
    from: nameId('a'),
    to: nameId('b'),
    path: nameId('1'),
    session: 'aaaaaaaaaaaaaaaa',
    counter: 1_000,
    echo: 'bbbbbbbbbbbbbbbb',
    heard: { counter: 500, agoMs: 20 },
    pathHeard: { counter: 499, agoMs: 120.5 },
    ...changes,
  }
}

export function signed(changes: Partial<Beat> = {}, ring: KeyRing = keyRing): Uint8Array {
  return encodeBeat(beat({ keyId: ring.sendingId, ...changes }), (body) => ring.sign(body))
}
