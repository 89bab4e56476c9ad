import { hkdfSync } from 'node:crypto'
import type { ClusterSecret } from '../schema-parts.ts'

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
  /** The key to dial a peer with: of the first secret. */
  toDial(peer: string): PairKey | undefined
  /** The key of somebody who dials us, by the identity that he sent; of any secret. */
  toAccept(identity: string): PairKey | undefined
}

/**
 * A key for each ordered pair of nodes and each secret, by HKDF-SHA256 (RFC 5869). Both names are in the key, so a
 * handshake proves to each side whom the other meant: one that is reflected to its sender or led to another node fails
 * (RFC 9257, and Drucker and Gueron, "Selfie", 2019). Who has the secret can still call himself any node.
 *
 * All are derived here, once: what a stranger sends is looked up and costs nothing else.
 */
export function derivePairKeys(node: string, peers: readonly string[], secrets: readonly ClusterSecret[]): PairKeys {
  const dialled = new Map<string, PairKey>()
  const accepted = new Map<string, PairKey>()
  for (const peer of peers) {
    for (const [index, { id, secret }] of secrets.entries()) {
      if (index === 0) dialled.set(peer, { ...derive(secret, id, node, peer), peer })
      const key = { ...derive(secret, id, peer, node), peer }
      accepted.set(key.identity, key)
    }
  }
  return { toDial: (peer) => dialled.get(peer), toAccept: (identity) => accepted.get(identity) }
}

function derive(secret: string, keyId: number, dialler: string, acceptor: string): Omit<PairKey, 'peer'> {
  // Names have no slash, so no two pairs have one identity.
  const identity = `hotspare-1/${keyId}/${dialler}/${acceptor}`
  return { identity, keyId, key: new Uint8Array(hkdfSync('sha256', secret, 'hotspare', `peer channel v1 ${identity}`, 32)) }
}
