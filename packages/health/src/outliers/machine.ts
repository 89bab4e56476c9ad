import { assertNever } from '@hotspare/core'
import { onReport } from './on-report.ts'
import { onSweep } from './on-sweep.ts'
import type { OutlierInput, OutlierRules, OutlierState, OutlierStep, OutlierTarget } from './state.ts'
import { TargetTable } from './target-table.ts'
import { bringBackOne, changed, endWhatIsOver, rescue, unchanged } from './transitions.ts'

/** An empty pool. */
export const initialOutlierState: OutlierState = { targets: TargetTable.of([]) }

const LOCAL_CAUSES: ReadonlySet<string | undefined> = new Set([
  'consecutive-local-errors',
  'local-success-rate',
  'local-failure-percentage',
])

/**
 * The outlier machine of one pool. It puts targets aside for what their requests meet, for a time that grows with every
 * ejection in a row. It follows from the inputs alone; time and chance come in with them.
 *
 * At any time, where there is a target that is not down, there is one that is neither down nor ejected.
 */
export function stepOutliers(state: OutlierState, input: OutlierInput, rules: OutlierRules): OutlierStep {
  switch (input.type) {
    case 'targets':
      return rescue(membership(state, input.ids, input.atMs), input.atMs)
    case 'report':
      return onReport(state, input, rules)
    case 'sweep':
      return onSweep(state, input, rules)
    case 'clock':
      return endWhatIsOver(state, input.atMs)
    case 'health': {
      const target = state.targets.get(input.targetId)
      if (!target || target.health === input.health) return unchanged(state)
      return rescue(changed(state, input.targetId, { health: input.health }), input.atMs)
    }
    case 'pass':
      return passed(state, input.targetId, input.atMs, rules)
    default:
      return assertNever(input)
  }
}

/** When the next ejection or back-off ends; undefined where there is none. */
export function nextEndMs(state: OutlierState): number | undefined {
  let nextMs = Number.POSITIVE_INFINITY
  for (const { ejectedUntilMs, backOffUntilMs } of state.targets.values()) {
    nextMs = Math.min(nextMs, ejectedUntilMs ?? nextMs, backOffUntilMs ?? nextMs)
  }
  return nextMs === Number.POSITIVE_INFINITY ? undefined : nextMs
}

function membership(state: OutlierState, ids: Iterable<string>, atMs: number): OutlierState {
  const fresh: OutlierTarget = {
    health: 'unknown',
    errors: 0,
    localErrors: 0,
    throttled: 0,
    slowWindows: 0,
    ejections: 0,
    ejectedUntilMs: undefined,
    ejectedFor: undefined,
    backSinceMs: atMs,
    backOffUntilMs: undefined,
    withheld: false,
  }
  return { targets: TargetTable.of([...new Set(ids)].map((id) => [id, state.targets.get(id) ?? fresh])) }
}

/**
 * A passed probe proves that a target can be reached, and not that it serves well: by default it takes back only an ejection
 * for want of an answer. (Envoy takes back any, and then a probe each second leaves no ejection longer than a second.)
 */
function passed(state: OutlierState, targetId: string, atMs: number, rules: OutlierRules): OutlierStep {
  const target = state.targets.get(targetId)
  if (!target || rules.returnOnPass === 'never') return unchanged(state)
  if (rules.returnOnPass === 'local' && !LOCAL_CAUSES.has(target.ejectedFor)) return unchanged(state)
  return bringBackOne(state, targetId, atMs, 'a probe of it has passed')
}
