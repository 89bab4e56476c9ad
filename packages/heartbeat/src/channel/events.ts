import type { EventBase } from '@hotspare/core'
import type { ImpostorReason, StrangerReason } from './secure.ts'

/** How a connection came to its end. */
export type CloseReason =
  /** The peer stops. */
  | 'goodbye'
  /** We stop. */
  | 'stopped'
  /** Torn down without a word, as by a process that dies, or by a forged or a middle box's reset. */
  | 'reset'
  /** Ended without a word. */
  | 'ended'
  /** Nothing was heard for too long. */
  | 'silent'
  /** What came was no frame, or not one of this moment. */
  | 'garbage'
  /** The peer does not read what we send. */
  | 'not-reading'
  /** A newer connection has taken its place. */
  | 'replaced'
  /** The secret that it was made with was taken away. */
  | 'secret-removed'
  /** The peer closed it, and said why. */
  | 'refused'
  /** No hello came in time. */
  | 'no-hello'
  | 'wrong-node'
  | 'protocol-version'

/** Why a peer and this node do not talk although they reach each other. */
export type PeerRefusedReason = ImpostorReason | 'wrong-node' | 'protocol-version' | 'refused'

interface PeerEventBase extends EventBase {
  readonly peer: string
}

/** Requests to the peer are possible. */
export interface PeerConnected extends PeerEventBase {
  readonly type: 'peer-connected'
  readonly session: string
  /** The version that both speak. */
  readonly protocol: number
  readonly fingerprintAgrees: boolean
}

/** Requests to the peer are not possible any more. Nothing is concluded about the peer itself. */
export interface PeerDisconnected extends PeerEventBase {
  readonly type: 'peer-disconnected'
  readonly session: string
  readonly reason: CloseReason
  readonly because: string
}

/** The peer's process said goodbye. */
export interface PeerLeft extends PeerEventBase {
  readonly type: 'peer-left'
  readonly session: string
}

/**
 * The peer's process has almost certainly ended: its connections are closed without a goodbye, and its machine says that
 * nothing listens on its port. Both can be forged by who controls the network, so `because` says what was seen.
 */
export interface PeerProcessGone extends PeerEventBase {
  readonly type: 'peer-process-gone'
  readonly session: string
  readonly because: string
}

/** Another process answers with the peer's name: whatever the former one held is gone. Proven by the secret. */
export interface PeerProcessReplaced extends PeerEventBase {
  readonly type: 'peer-process-replaced'
  readonly session: string
  readonly previousSession: string
}

/** The peer is reached and not accepted, or does not accept us. Told once for each reason, until a connection succeeds. */
export interface PeerRefused extends PeerEventBase {
  readonly type: 'peer-refused'
  readonly reason: PeerRefusedReason
  readonly because: string
}

/** The peer has another configuration: nodes that disagree do not automate. */
export interface FingerprintDiffers extends PeerEventBase {
  readonly type: 'fingerprint-differs'
  readonly ours: string
  readonly theirs: string
}

/** The peer has the same configuration again. */
export interface FingerprintAgrees extends PeerEventBase {
  readonly type: 'fingerprint-agrees'
}

/** Connections of strangers that were closed since the last such event. */
export interface ConnectionsRefused extends EventBase {
  readonly type: 'connections-refused'
  readonly counts: Readonly<Partial<Record<StrangerReason, number>>>
  /** The last of them. */
  readonly because: string
}

export type PeerChannelEvent =
  | PeerConnected
  | PeerDisconnected
  | PeerLeft
  | PeerProcessGone
  | PeerProcessReplaced
  | PeerRefused
  | FingerprintDiffers
  | FingerprintAgrees
  | ConnectionsRefused
