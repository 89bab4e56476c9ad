import { z } from 'zod'
import { dampingDefaults } from './defaults.ts'
import { milliseconds } from './milliseconds.ts'

/** When a target counts as flapping, and until when it is held back; all optional, for callers. */
export interface DampingOptions {
  /** Nagios' score of the last 21 results from which on it is held, from 0 to 1. Default: 0.3 */
  readonly holdAtFlapRatio?: number | undefined
  /** The score at which it is let go. Default: 0.2 */
  readonly releaseAtFlapRatio?: number | undefined
  /** RFC 2439's penalty from which on it is held: each death adds 1. Default: 2.5 */
  readonly holdAtPenalty?: number | undefined
  /** The penalty at which it is let go. Default: 1 */
  readonly releaseAtPenalty?: number | undefined
  /** In what time the penalty halves, in milliseconds. Default: 60,000 */
  readonly penaltyHalfLifeMs?: number | undefined
  /** A target without a failure for so long is never held, in milliseconds. Default: 300,000 */
  readonly maxHoldMs?: number | undefined
}

/** {@link DampingOptions}, complete. */
export interface DampingRules {
  readonly holdAtFlapRatio: number
  readonly releaseAtFlapRatio: number
  readonly holdAtPenalty: number
  readonly releaseAtPenalty: number
  readonly penaltyHalfLifeMs: number
  readonly maxHoldMs: number
}

const ratio = z.number().gt(0).max(1.01)
const penalty = z.number().gt(0).max(1_000)

export const dampingRulesSchema: z.ZodType<DampingRules, DampingOptions> = z
  .strictObject({
    holdAtFlapRatio: ratio
      .default(dampingDefaults.holdAtFlapRatio)
      .describe('Score of the last 21 results from which on a target is held back, from 0 to 1; above 1 switches the score off.'),
    releaseAtFlapRatio: ratio.default(dampingDefaults.releaseAtFlapRatio).describe('Score at which it is let go.'),
    holdAtPenalty: penalty
      .default(dampingDefaults.holdAtPenalty)
      .describe('Penalty from which on a target is held back; each death adds 1.'),
    releaseAtPenalty: penalty.default(dampingDefaults.releaseAtPenalty).describe('Penalty at which it is let go.'),
    penaltyHalfLifeMs: milliseconds
      .default(dampingDefaults.penaltyHalfLifeMs)
      .describe('In what time the penalty halves, in milliseconds.'),
    maxHoldMs: milliseconds
      .default(dampingDefaults.maxHoldMs)
      .describe('A target without a failure for so long is never held back, in milliseconds.'),
  })
  .refine(({ holdAtFlapRatio, releaseAtFlapRatio }) => releaseAtFlapRatio < holdAtFlapRatio, {
    path: ['releaseAtFlapRatio'],
    message: 'must be below holdAtFlapRatio',
  })
  .refine(({ holdAtPenalty, releaseAtPenalty }) => releaseAtPenalty < holdAtPenalty, {
    path: ['releaseAtPenalty'],
    message: 'must be below holdAtPenalty',
  })
