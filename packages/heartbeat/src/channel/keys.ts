import { hkdfSync } from 'node:crypto'
import type { ClusterSecret } from '../schema-parts.ts'
import { unknownPeerError } from './errors.ts'

/** What a handshake is made with. */
export interface PairKey {
  /** Sent in the clear: who dials whom, with which key. */
  readonly identity: string
  readonly key: Uint8Array
  readonly keyId: number
  /** The other node. */
  readonly peer: string
}

export interface PairKeys {
  /**
   * The key to dial a peer with: of the first secret.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER`
   */
  toDial(peer: string): PairKey
  /** The key of somebody who dials us, by the identity that he sent; of any secret. */
  toAccept(identity: string): PairKey | undefined
  /** Whether a key, which may be of former secrets, is of one of these. */
  includes(key: PairKey): boolean
}

/**
 * A key for each ordered pair of nodes and each secret, by HKDF-SHA256 (RFC 5869). Both names are in the key, so a
 * handshake proves to each side whom the other meant: one that is reflected to its sender or led to another node fails
 * (RFC 9257, and Drucker and Gueron, "Selfie", 2019). Who has the secret can still call himself any node.
 *
 * All are derived here, once for each list of secrets: what a stranger sends is looked up and costs nothing else.
 */
export function derivePairKeys(node: string, peers: readonly string[], secrets: readonly ClusterSecret[]): PairKeys {
  const first = new Map<string, PairKey>()
  const dialled = new Map<string, PairKey>()
  const accepted = new Map<string, PairKey>()
  for (const peer of peers) {
    for (const { id, secret } of secrets) {
      const key = { ...derive(secret, id, node, peer), peer }
      if (!first.has(peer)) first.set(peer, key)
      dialled.set(key.identity, key)
      const theirs = { ...derive(secret, id, peer, node), peer }
      accepted.set(theirs.identity, theirs)
    }
  }
  return {
    toDial(peer) {
      const key = first.get(peer)
      if (!key) throw unknownPeerError(peer)
      return key
    },
    toAccept: (identity) => accepted.get(identity),
    includes: (key) => sameKey(dialled.get(key.identity), key) || sameKey(accepted.get(key.identity), key),
  }
}

/** Of keys that are ours both: nobody is there who could measure the time that it takes. */
export function sameKey(one: PairKey | undefined, other: PairKey): boolean {
  return one?.identity === other.identity && Buffer.compare(one.key, other.key) === 0
}

function derive(secret: string, keyId: number, dialler: string, acceptor: string): Omit<PairKey, 'peer'> {
  // Names have no slash, so no two pairs have one identity.
  const identity = `hotspare-1/${keyId}/${dialler}/${acceptor}`
  return { identity, keyId, key: new Uint8Array(hkdfSync('sha256', secret, 'hotspare', `peer channel v1 ${identity}`, 32)) }
}
