import type { DropReason } from './drops.ts'
import type { KeyRing } from './key-ring.ts'
import { type Beat, decodeBeat, macParts } from './packet.ts'

/** A path as the gate knows it. */
export interface GatePath {
  readonly index: number
  /** The one address of ours at which its packets may arrive, or undefined for any. */
  readonly boundTo: string | undefined
}

/** Whom a gate lets in. Ids are those of names. */
export interface GateRules<Peer> {
  readonly ownId: string
  readonly peers: ReadonlyMap<string, { readonly peer: Peer; readonly paths: ReadonlyMap<string, GatePath> }>
}

export type Admission<Peer> =
  | { readonly ok: true; readonly beat: Beat; readonly peer: Peer; readonly path: number }
  | { readonly ok: false; readonly reason: DropReason }

/**
 * Tells whether bytes are an authentic beat of a peer to us. Everything that costs no cryptography is asked first. The address
 * that a packet comes from is not asked: it may be translated on the way, and proves nothing. Who sends to whom on which
 * path is under the MAC.
 */
export function admit<Peer>(bytes: Uint8Array, arrivedAt: string, rules: GateRules<Peer>, keys: KeyRing): Admission<Peer> {
  const decoded = decodeBeat(bytes)
  if (!decoded.ok) return decoded
  const { beat } = decoded
  if (!keys.has(beat.keyId)) return dropped('unknown-key')
  if (beat.from === rules.ownId) return dropped('reflected')
  if (beat.to !== rules.ownId) return dropped('not-for-us')
  const sender = rules.peers.get(beat.from)
  if (!sender) return dropped('unknown-peer')
  const path = sender.paths.get(beat.path)
  if (!path) return dropped('unknown-path')
  if (path.boundTo !== undefined && path.boundTo !== arrivedAt) return dropped('wrong-socket')
  const { body, mac } = macParts(bytes)
  if (!keys.verify(beat.keyId, body, mac)) return dropped('bad-mac')
  return { ok: true, beat, peer: sender.peer, path: path.index }
}

function dropped(reason: DropReason): { readonly ok: false; readonly reason: DropReason } {
  return { ok: false, reason }
}
