import { TestClock } from '@hotspare/core/testing'
import type { Algorithm, Candidate, Outcome } from './algorithm.ts'
import { CandidateSet } from './candidate-set.ts'

export interface DrivenChooser {
  /** @param some who may be chosen, in the order of their index. Default: all */
  readonly choose: (some?: readonly Candidate[], exclude?: ReadonlySet<string>) => Candidate | undefined
  readonly finished: (candidate: Candidate, outcome: Outcome) => void
}

/**
 * Starts an algorithm for these targets alone, as a pool does for a tier.
 *
 * @param all each at its index
 * @param ramping whether the pool has targets in a slow start
 */
export function startChooser(
  algorithm: Algorithm,
  all: readonly Candidate[],
  options: { readonly clock?: TestClock; readonly ramping?: boolean } = {},
): DrivenChooser {
  const { clock = new TestClock(), ramping: active = false } = options
  const chooser = algorithm.start(all.length, { clock })
  chooser.prepare?.(all)
  return {
    choose: (some = all, exclude) => chooser.choose(new CandidateSet(all, some, { active }), { exclude }),
    finished: (candidate, outcome) => chooser.finished?.(candidate, outcome),
  }
}
