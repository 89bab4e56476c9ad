import type { Clock, Logger } from '@hotspare/core'
import type { PeerHandler } from '@hotspare/heartbeat/channel'
import type { ClusterPeers } from '../peers-port.ts'
import type { OwnVote, VotesAnswer } from './message.ts'
import { VotesOutbox } from './outbox.ts'

export interface VotesRelayOptions {
  /** All other nodes. */
  readonly others: readonly string[]
  readonly peers: Pick<ClusterPeers, 'request' | 'agrees'>
  /** Told what a peer has sent that is believed; it has been looked at by nobody yet. */
  readonly came: (observer: string, body: unknown) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** The guard's part in the votes: it passes on those of its own control, and those of peers to it. It counts none. */
export class VotesRelay {
  readonly #options: VotesRelayOptions
  readonly #outboxes: readonly VotesOutbox[]

  constructor(options: VotesRelayOptions) {
    const { others, peers, clock, logger } = options
    this.#options = options
    this.#outboxes = others.map((peer) => new VotesOutbox({ peer, peers, clock, logger }))
  }

  /** To every peer. */
  tell(votes: readonly OwnVote[]): void {
    for (const outbox of this.#outboxes) outbox.tell(votes)
  }

  /** Answers `health-votes`. A peer whose file differs from ours may mean something else by the same name: it is not believed. */
  async answer(body: unknown, { peer }: Pick<Parameters<PeerHandler>[1], 'peer'>): Promise<VotesAnswer> {
    const believed = this.#options.peers.agrees(peer) === true
    if (believed) this.#options.came(peer, body)
    return { believed }
  }

  stop(): void {
    for (const outbox of this.#outboxes) outbox.stop()
  }
}
