import type { Verdict } from '@hotspare/core'
import type { PeerProcess } from './peer-machine.ts'

/** What happened with one peer since the channel was made. */
export interface PeerCounters {
  readonly dials: number
  readonly failedDials: number
  /** Connections that became usable, of both directions. */
  readonly connections: number
  /** Connections that ended without a goodbye, of both directions. */
  readonly lost: number
  /** Connections that were closed because of what came over them. */
  readonly garbage: number
  /** Requests that we made. */
  readonly requests: number
  /** Requests that were let in, and those that were not: an unknown method, too many at once. */
  readonly served: number
  readonly turnedAway: number
  /** Answers that came when nobody waited for them any more. */
  readonly lateAnswers: number
}

/** How things stand with one peer; the verdict is about our own connection, the one for our requests. */
export interface ChannelPeerSnapshot {
  readonly name: string
  readonly verdict: Verdict<'connected' | 'disconnected'>
  readonly address: string
  /** Whether the peer's own connection, the one for its requests, is open. */
  readonly accepted: boolean
  readonly process: PeerProcess
  /** Of the last hello, as are the next three. */
  readonly session: string | undefined
  readonly protocol: number | undefined
  readonly fingerprint: string | undefined
  readonly fingerprintAgrees: boolean | undefined
  /** Of the secret that the peer's own connection was made with: which one it still uses, during a rotation. */
  readonly acceptedKeyId: number | undefined
  readonly counters: PeerCounters
}
