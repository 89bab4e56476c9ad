import type { Clock } from '@hotspare/core'

/** What an algorithm sees of a target. */
export interface Candidate {
  readonly id: string
  /** The target's place in the pool, from 0; stays the same for the life of the pool. */
  readonly index: number
  /** Greater than 0. In {@link Chooser.choose} the one in effect now (slow start lowers it), in {@link Chooser.prepare} the one that was configured. */
  readonly weight: number
  /** Picks that are not done yet. */
  readonly active: number
}

/** Who may be chosen now, before {@link ChooseContext.exclude}. */
export interface Candidates<Member extends Candidate> {
  /** In the order of their index. Changes between picks as targets fail, recover, fill up: nothing derived from it may be kept, and it may not be changed. */
  readonly members: readonly Member[]
  /** @returns the member with this index, in constant time; undefined where that target may not be chosen now */
  at(index: number): Member | undefined
  /** Whether the weight in effect of any target is below the configured one, because it has just come back. */
  readonly ramping: boolean
}

/** 64 bits as two unsigned 32-bit halves: a BigInt would be allocated anew for each pick. */
export interface Hash64 {
  readonly high: number
  readonly low: number
}

/** What a single choice is made by. The objects in it are used again for the next pick: keep neither. */
export interface ChooseContext {
  /** Ids that may not be chosen. */
  readonly exclude?: ReadonlySet<string> | undefined
  /** XXH64 of the request's key; undefined where it has none. */
  readonly hash?: Hash64 | undefined
}

/** What became of a request. */
export interface Outcome {
  /** From the pick to the answer; greater than or equal to 0. */
  readonly latencyMs: number
  /** Whether the target did its work: an answer of its own, and no fault of it. */
  readonly ok: boolean
}

/** The state of one algorithm for one set of targets: a tier of a pool, or a zone of a tier. */
export interface Chooser {
  /**
   * Takes all members of the set whose weight is greater than 0, with their configured weights, in the order of their
   * index; `active` says nothing here. Called before the first choice and whenever a weight changes, never inside a pick
   * and not when only health changes: the place to build tables in.
   */
  prepare?(members: readonly Candidate[]): void
  /**
   * @returns one of the candidates that `exclude` does not name; undefined where it names them all. Changes nothing
   * that it is given; a keyed one that is given a hash does not change its own state either, so that one may ask it
   * where a key goes.
   */
  choose<Member extends Candidate>(candidates: Candidates<Member>, context: ChooseContext): Member | undefined
  /** A request to this candidate has ended, and this is how. */
  finished?(candidate: Candidate, outcome: Outcome): void
}

export type AlgorithmName =
  | 'round-robin'
  | 'edf'
  | 'least-request'
  | 'peak-ewma'
  | 'random'
  | 'first-available'
  | 'ring-hash'
  | 'maglev'
  | 'rendezvous'
  | 'jump'

/** What a chooser needs of the world. */
export interface ChooserMeans {
  readonly clock: Clock
}

/** A way to spread picks over targets of equal preference. One object may serve many pools. */
export interface Algorithm {
  readonly name: AlgorithmName
  /** Whether the key of a request decides; without a key such an algorithm spreads evenly. */
  readonly keyed: boolean
  /** Starts the state for one set of targets within a pool of `size` targets: every index is below `size`. */
  start(size: number, means: ChooserMeans): Chooser
}
