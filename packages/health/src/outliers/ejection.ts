import type { OutlierRules, OutlierState, OutlierTarget } from './state.ts'

/** Whether traffic can go there, as far as is known. */
export function isAvailable(target: OutlierTarget): boolean {
  return target.ejectedUntilMs === undefined && target.health !== 'down'
}

/**
 * Why one more target, which is not ejected yet, may not be, or undefined where it may. In this order:
 * - never the last that is left: one that fails sometimes is better than none;
 * - one may always go, where `alwaysEjectOne` is set, whatever the limits: 50 % of a pool of one and a half is nothing;
 * - `maxEjected`, by count;
 * - `maxEjectedPercent`, by the rule that is set: `after` asks whether the share would be too big with this one (Envoy),
 *   `before` whether it is big enough without (gRPC A50), so that it may be passed by one target.
 */
export function whyNotEject(state: OutlierState, targetId: string, rules: OutlierRules): string | undefined {
  if (!state.targets.hasOther(targetId, isAvailable)) return 'it is the last one that is left'
  const ejected = state.targets.countOthers(targetId, ({ ejectedUntilMs }) => ejectedUntilMs !== undefined)
  if (ejected === 0 && rules.alwaysEjectOne) return undefined
  if (ejected + 1 > rules.maxEjected) return `${ejected} are ejected already, and no more than ${rules.maxEjected} may be`
  const total = state.targets.size
  const fits =
    rules.capRule === 'after' ? 100 * (ejected + 1) <= rules.maxEjectedPercent * total : 100 * ejected < rules.maxEjectedPercent * total
  return fits ? undefined : `${ejected} of ${total} are ejected already, and no more than ${rules.maxEjectedPercent} % may be`
}

/** 30, 60, 90 ... seconds, up to the limit, and then the jitter on top. @param ejections how many in a row, this one included */
export function ejectionMs(
  ejections: number,
  jitter: number,
  rules: Pick<OutlierRules, 'baseEjectionMs' | 'maxEjectionMs' | 'jitterRatio'>,
): number {
  // As Envoy: a limit that is below the base does not shorten it.
  const longestMs = Math.max(rules.maxEjectionMs, rules.baseEjectionMs)
  return Math.min(longestMs, rules.baseEjectionMs * ejections) * (1 + rules.jitterRatio * jitter)
}
