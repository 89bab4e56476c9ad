import { type Clock, errorText, type HealthState, type Logger } from '@hotspare/core'
import type { ClusterPeers } from '../peers-port.ts'
import { type AgedVote, MOST_VOTES, type OwnVote, votesBody, votesMethod } from './message.ts'

export interface VotesOutboxOptions {
  readonly peer: string
  readonly peers: Pick<ClusterPeers, 'request'>
  readonly clock: Clock
  readonly logger: Logger
}

/** As many as a vote keeper keeps by default; what is beyond is not told. */
const MOST_WAITING = 10_000
/** By then the same votes are told anew. */
const ANSWER_MS = 1_000

interface Held {
  readonly state: HealthState
  readonly heldAtMs: number
}

/**
 * Sends votes to one peer, a message at a time: whatever a slow peer does, the requests of the engine find their place beside it.
 * Votes that wait meanwhile are replaced by newer ones. What does not arrive is not sent again: all of it is told every second.
 */
export class VotesOutbox {
  readonly #options: VotesOutboxOptions
  readonly #waiting = new Map<string, Held>()
  readonly #ended = new AbortController()
  #isSending = false
  #arrives = true

  constructor(options: VotesOutboxOptions) {
    this.#options = options
  }

  tell(votes: readonly OwnVote[]): void {
    const heldAtMs = this.#options.clock.monotonicMs()
    for (const { key, state } of votes) {
      if (this.#waiting.has(key) || this.#waiting.size < MOST_WAITING) this.#waiting.set(key, { state, heldAtMs })
    }
    if (!this.#isSending) void this.#send()
  }

  /** For good. */
  stop(): void {
    this.#waiting.clear()
    this.#ended.abort()
  }

  /** Never rejects. */
  async #send(): Promise<void> {
    const { peer, peers } = this.#options
    this.#isSending = true
    while (this.#waiting.size > 0 && !this.#ended.signal.aborted) {
      const options = { timeoutMs: ANSWER_MS, signal: this.#ended.signal }
      try {
        await peers.request(peer, votesMethod, votesBody(this.#take()), options)
        this.#noted(true, '')
      } catch (error) {
        this.#noted(false, errorText(error))
      }
    }
    this.#isSending = false
  }

  #take(): readonly AgedVote[] {
    const nowMs = this.#options.clock.monotonicMs()
    const taken = [...this.#waiting].slice(0, MOST_VOTES)
    for (const [key] of taken) this.#waiting.delete(key)
    return taken.map(([key, { state, heldAtMs }]) => ({ key, state, ageMs: Math.round(nowMs - heldAtMs) }))
  }

  /** Why a peer is not reached, the channel tells people; here it is for those who look into the log. */
  #noted(arrives: boolean, because: string): void {
    if (this.#arrives === arrives || this.#ended.signal.aborted) return
    this.#arrives = arrives
    const { peer, logger } = this.#options
    logger.debug({ peer, because }, arrives ? 'votes reach the peer again' : 'votes do not reach the peer')
  }
}
