import { assertNever } from '@hotspare/core'
import { isAvailable } from './ejection.ts'
import type { OutlierInput, OutlierRules, OutlierState, OutlierStep } from './state.ts'
import { changed, eject, unchanged } from './transitions.ts'

type ReportInput = Extract<OutlierInput, { type: 'report' }>

type Streak = 'errors' | 'localErrors'

/** One request has ended. Reports on a target that is unknown or ejected change nothing: they are late. */
export function onReport(state: OutlierState, input: ReportInput, rules: OutlierRules): OutlierStep {
  const { targetId, outcome } = input
  const target = state.targets.get(targetId)
  if (!target || target.ejectedUntilMs !== undefined) return unchanged(state)
  switch (outcome) {
    case 'success': {
      // The usual case: the same object comes back.
      if (target.errors + target.localErrors + target.throttled === 0) return unchanged(state)
      return unchanged(changed(state, targetId, { errors: 0, localErrors: 0, throttled: 0, withheld: false }))
    }
    case 'failure': {
      // It has answered, so it can be reached.
      const next = changed(state, targetId, { errors: target.errors + 1, localErrors: 0, throttled: 0 })
      return backOff(endOfStreak(next, input, 'errors', rules), input, rules)
    }
    case 'local-failure':
      return endOfStreak(changed(state, targetId, { localErrors: target.localErrors + 1, throttled: 0 }), input, 'localErrors', rules)
    case 'throttled':
      // No good answer, so that no streak of errors ends here; and no failure, so that none grows.
      return backOff(unchanged(changed(state, targetId, { localErrors: 0, throttled: target.throttled + 1 })), input, rules)
    default:
      return assertNever(outcome)
  }
}

/** A streak that is long enough ejects, unless every other target that is left has failed last as well: then moving helps nobody. */
function endOfStreak(state: OutlierState, input: ReportInput, streak: Streak, rules: OutlierRules): OutlierStep {
  const { targetId } = input
  const length = state.targets.get(targetId)?.[streak] ?? 0
  const limit = streak === 'errors' ? rules.consecutiveErrors : rules.consecutiveLocalErrors
  if (limit === 0 || length < limit) return unchanged(state)
  const cause = streak === 'errors' ? ('consecutive-errors' as const) : ('consecutive-local-errors' as const)
  const because = `${length} requests in a row ${streak === 'errors' ? 'failed' : 'were not answered'}`
  const better = state.targets.hasOther(targetId, (other) => isAvailable(other) && other[streak] === 0)
  return eject(state, { targetId, cause, because, excess: 0 }, input, rules, better ? undefined : 'no other target does better')
}

/** A target that asks for it, often enough, is left alone for a while, unless no other is left. */
function backOff(step: OutlierStep, input: ReportInput, rules: OutlierRules): OutlierStep {
  const { targetId, outcome, retryAfterMs, atMs } = input
  const target = step.state.targets.get(targetId)
  if (!target || target.ejectedUntilMs !== undefined || rules.consecutiveThrottled === 0) return step
  const unasked = outcome === 'throttled' ? rules.backOffMs : 0
  const forMs = Math.min(retryAfterMs !== undefined && retryAfterMs >= 0 ? retryAfterMs : unasked, rules.maxBackOffMs)
  const count = outcome === 'throttled' ? target.throttled : target.errors
  if (forMs === 0 || count < rules.consecutiveThrottled || (target.backOffUntilMs ?? 0) >= atMs + forMs) return step
  if (!step.state.targets.hasOther(targetId, (other) => isAvailable(other) && other.backOffUntilMs === undefined)) return step
  const state = changed(step.state, targetId, { backOffUntilMs: atMs + forMs })
  // A longer one is the same one.
  if (target.backOffUntilMs !== undefined) return { ...step, state }
  const because = `it asked for it, ${count} times in a row`
  return { state, effects: [...step.effects, { type: 'backing-off', targetId, forMs, because }] }
}
