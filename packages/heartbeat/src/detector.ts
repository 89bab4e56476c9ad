/**
 * Decides how long a silence may last. A value: `learn` returns the detector that knows one gap more, and leaves this one
 * as it is.
 */
export interface Detector {
  /** Silence of this length after the last beat convicts, in milliseconds. */
  readonly limitMs: number
  /** @param gapMs the time between two beats, one after the other, in milliseconds */
  learn(gapMs: number): Detector
}
