/** Gives the picked target back. */
export type Release = () => void

/** One way to pick that is measured. */
export interface PickSubject {
  readonly name: string
  /** What a reader must know to compare it. */
  readonly setup: string
  /**
   * Makes a pool of `targets` equal, healthy targets.
   *
   * @returns one pick; what it returns is called when the pick is over, undefined where the subject has no such thing
   */
  prepare(targets: number): () => Release | undefined
}
