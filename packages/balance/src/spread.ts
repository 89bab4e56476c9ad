import { type Rankable, rankOf } from './eligibility.ts'
import { type PriorityLevel, priorityLoads, type PriorityLoadsOptions } from './priority-loads.ts'

/**
 * How first attempts divide over the tiers: percents that are 100 together. There are two for each tier, all healthy
 * ones before all degraded ones: so a slot that comes earlier is preferred.
 */
export interface Spread {
  readonly loads: readonly number[]
  /** For each tier, whether it uses all of its targets, whatever their health. */
  readonly panic: readonly boolean[]
}

/**
 * A target counts as healthy where it is up and not put aside. One whose state is unknown speaks neither for nor against
 * its tier; who drains or is in maintenance is missed, and one of weight 0 is no part of the tier at all.
 *
 * @param tiers in order of preference
 */
export function spreadOver(tiers: readonly number[], members: readonly Rankable[], options: PriorityLoadsOptions): Spread {
  const levels = new Map(tiers.map((tier) => [tier, { hosts: 0, healthy: 0, degraded: 0, excluded: 0 } satisfies PriorityLevel]))
  for (const member of members) {
    const level = levels.get(member.tier)
    if (!level || member.weight === 0) continue
    level.hosts += 1
    const rank = rankOf(member)
    if (rank === 'up') level.healthy += 1
    if (rank === 'degraded') level.degraded += 1
    if (rank === 'unknown') level.excluded += 1
  }
  const { healthy, degraded, panic } = priorityLoads([...levels.values()], options)
  return { loads: [...healthy, ...degraded], panic }
}
