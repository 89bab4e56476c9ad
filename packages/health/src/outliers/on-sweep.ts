import { slowTargets, suspects, type Suspicion } from './judge.ts'
import type { OutlierInput, OutlierRules, OutlierState, OutlierStep, OutlierTarget } from './state.ts'
import { eject, endWhatIsOver } from './transitions.ts'
import type { WindowCounts } from './window.ts'

/** An interval is over: targets are held against their pool, and the worst of each kind are put aside first. */
export function onSweep(state: OutlierState, input: Extract<OutlierInput, { type: 'sweep' }>, rules: OutlierRules): OutlierStep {
  const { windows, atMs } = input
  const ended = endWhatIsOver(state, atMs)
  const effects = [...ended.effects]
  const judged = new Map<string, WindowCounts>()
  for (const [targetId, { counts }] of windows) {
    const target = ended.state.targets.get(targetId)
    if (target && target.ejectedUntilMs === undefined) judged.set(targetId, counts)
  }
  const slow = new Map(slowTargets(judged, rules).map((suspicion) => [suspicion.targetId, suspicion]))
  const targets = ended.state.targets.map((target, targetId) => {
    const counts = judged.get(targetId)
    return counts ? afterWindow(target, counts, slow.has(targetId), atMs, rules) : target
  })
  let current: OutlierState = { targets }
  const slowForLong = ({ targetId }: Suspicion) => (targets.get(targetId)?.slowWindows ?? 0) >= rules.latencyWindows
  for (const suspicion of [...suspects(judged, rules), ...[...slow.values()].filter(slowForLong)]) {
    const { targetId } = suspicion
    if (current.targets.get(targetId)?.ejectedUntilMs !== undefined) continue
    const step = eject(current, suspicion, { atMs, jitter: windows.get(targetId)?.jitter ?? 0 }, rules)
    current = step.state
    effects.push(...step.effects)
  }
  return { state: current, effects }
}

function afterWindow(target: OutlierTarget, counts: WindowCounts, slow: boolean, atMs: number, rules: OutlierRules): OutlierTarget {
  // One ejection less for a whole window since its return in which it has served.
  const served = counts.successes > 0 && atMs - target.backSinceMs >= rules.intervalMs
  const ejections = served ? Math.max(0, target.ejections - 1) : target.ejections
  // Too few answers to judge say neither that it is slow nor that it no longer is.
  const unjudged = !slow && counts.timed < rules.latencyMinRequests
  const slowWindows = slow ? target.slowWindows + 1 : unjudged ? target.slowWindows : 0
  return { ...target, withheld: false, ejections, slowWindows }
}
