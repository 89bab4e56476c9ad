/** What an algorithm sees of a target that may be picked. */
export interface Candidate {
  readonly id: string
  /** The target's place in the pool, from 0; stays the same for the life of the pool. */
  readonly index: number
  /** Greater than 0. */
  readonly weight: number
  /** Picks that are not done yet. */
  readonly active: number
}

/**
 * Picks one of the candidates that `exclude` does not name; undefined where it names them all.
 * The same array comes in until the health of the pool changes, so a chooser may not change it.
 */
export type Choose = <Member extends Candidate>(candidates: readonly Member[], exclude?: ReadonlySet<string>) => Member | undefined

/** A way to spread picks over targets of equal preference. One object may serve many pools. */
export interface Algorithm {
  readonly name: 'round-robin' | 'least-request'
  /** Starts the state for one pool of `size` targets. */
  start(size: number): Choose
}
