import type { ProbeResult } from '../probe.ts'

/** How parts make a whole. */
export interface CompositionRules {
  /** How many parts have to pass; `every` is all that count. */
  readonly need: number | 'every'
  /** Whether parts that showed nothing are treated as if they were not there. */
  readonly leaveOutInconclusive: boolean
  /** What enough parts amount to while another fails or is degraded. */
  readonly whenPartly: 'degraded' | 'pass'
}

type Outcome = ProbeResult['outcome']

/** How many parts showed what. */
export type OutcomeCounts = Readonly<Record<Outcome, number>>

const OUTCOMES: readonly Outcome[] = ['pass', 'degraded', 'fail', 'inconclusive']

/**
 * The outcome of the whole, as soon as no part that is still out can change it.
 *
 * @returns undefined while it is open
 */
export function decide(counts: OutcomeCounts, stillOut: number, rules: CompositionRules): Outcome | undefined {
  const [first, ...others] = OUTCOMES.map((outcome) => judgeAll({ ...counts, [outcome]: counts[outcome] + stillOut }, rules))
  return others.every((outcome) => outcome === first) ? first : undefined
}

/** The outcome of the whole when every part has its own. */
export function judgeAll({ pass, degraded, fail, inconclusive }: OutcomeCounts, rules: CompositionRules): Outcome {
  const good = pass + degraded
  const counted = good + fail + (rules.leaveOutInconclusive ? 0 : inconclusive)
  const need = rules.need === 'every' ? counted : rules.need
  if (good > 0 && good >= need) {
    const well = rules.whenPartly === 'pass' ? pass >= need : degraded + fail === 0
    return well ? 'pass' : 'degraded'
  }
  // A part that showed nothing might have been the one that was missing; it never fails the whole by itself.
  return fail > 0 && counted - fail < need ? 'fail' : 'inconclusive'
}
