import type { HealthRulesOptions } from '@hotspare/health'
import type { WatchRules } from './config.ts'

/** What of the rules the monitor goes by. */
export function monitorRules(
  rules: WatchRules,
): Pick<HealthRulesOptions, 'intervalMs' | 'fastIntervalMs' | 'downIntervalMs' | 'rise' | 'fall' | 'initialState' | 'damping'> {
  const { intervalMs, fastIntervalMs, downIntervalMs, rise, fall, initialState, damping } = rules
  return { intervalMs, fastIntervalMs, downIntervalMs, rise, fall, initialState, damping }
}
