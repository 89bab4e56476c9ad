import { z } from 'zod'
import { milliseconds } from '../milliseconds.ts'
import type { QuorumRules } from './decide.ts'
import { quorumDefaults } from './defaults.ts'

/** How many observers it takes to call a target down; all optional, for callers. */
export interface QuorumOptions {
  /** Votes for `down` that it takes. Default: decided by `share` */
  readonly atLeast?: number | undefined
  /** More than this share of the live votes must say `down`; from 0 to below 1. Not together with `atLeast`. Default: 0.5 */
  readonly share?: number | undefined
  /** Fewer live votes than this are no quorum. Default: `atLeast`, else 2 */
  readonly minVotes?: number | undefined
  /** What a `down` of this node's own is worth without a quorum: it counts (`own`), or nothing is known (`unknown`). Default: own */
  readonly alone?: 'own' | 'unknown' | undefined
  /** How long a vote counts, in milliseconds. Default: 5,000 */
  readonly voteLifetimeMs?: number | undefined
  /** Observers kept for each target. Default: 64 */
  readonly maxObservers?: number | undefined
  /** Targets for which votes are kept. Default: 10,000 */
  readonly maxTargets?: number | undefined
}

/** {@link QuorumOptions} with the defaults filled in. */
export interface ResolvedQuorumOptions extends QuorumRules {
  readonly maxObservers: number
  readonly maxTargets: number
}

const count = z.int().min(1).max(1_000)

export const quorumOptionsSchema: z.ZodType<ResolvedQuorumOptions, QuorumOptions> = z
  .strictObject({
    atLeast: count.optional().describe('Votes for down that it takes; decided by share unless set.'),
    share: z
      .number()
      .min(0)
      .lt(1)
      .optional()
      .describe('More than this share of the live votes must say down; 0.5 unless set. Not together with atLeast.'),
    minVotes: count.optional().describe('Fewer live votes than this are no quorum; atLeast unless set, else 2.'),
    alone: z.enum(['own', 'unknown']).default('own').describe("What this node's own down is worth without a quorum."),
    voteLifetimeMs: milliseconds.default(quorumDefaults.voteLifetimeMs).describe('How long a vote counts, in milliseconds.'),
    maxObservers: count.default(quorumDefaults.maxObservers).describe('Observers kept for each target.'),
    maxTargets: z.int().min(1).max(1_000_000).default(quorumDefaults.maxTargets).describe('Targets for which votes are kept.'),
  })
  .refine(({ atLeast, share }) => atLeast === undefined || share === undefined, {
    path: ['share'],
    message: 'a count and a share exclude each other: leave out atLeast or share',
  })
  .refine(({ atLeast, minVotes }) => atLeast === undefined || minVotes === undefined || minVotes >= atLeast, {
    path: ['minVotes'],
    message: 'must not be below atLeast: with fewer votes than that nothing could ever be down',
  })
  .transform(({ share = quorumDefaults.share, minVotes, ...rest }) => ({
    ...rest,
    share,
    minVotes: minVotes ?? rest.atLeast ?? quorumDefaults.minVotes,
  }))
