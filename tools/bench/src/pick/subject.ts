/** Gives the picked target back. */
export type Release = () => void

/**
 * What is measured, and so what may be compared:
 * - `pick`: a target for a request without a key, and giving it back;
 * - `keyed-pick`: the target that a text belongs to, the hashing of the text included;
 * - `look-up`: the target that a hash belongs to, which is there already;
 * - `rebuild`: one host is taken out or put back, until the next look-up can be made.
 */
export type PickKind = 'pick' | 'keyed-pick' | 'look-up' | 'rebuild'

/** One way to pick that is measured. */
export interface PickSubject {
  readonly name: string
  readonly kind: PickKind
  /** Whether it is somebody else's: the others of its kind are set against it. */
  readonly isPeer: boolean
  /** What a reader must know to compare it. */
  readonly setup: string
  /**
   * Makes a pool of `targets` equal, healthy targets.
   *
   * @returns one pick; what it returns is called when the pick is over, undefined where the subject has no such thing
   */
  prepare(targets: number): () => Release | undefined
}

/** How many targets there are, for each kind. */
export const sizesOf: Readonly<Record<PickKind, readonly number[]>> = {
  pick: [10, 1_000],
  'keyed-pick': [10, 1_000],
  'look-up': [1_000],
  rebuild: [100],
}
