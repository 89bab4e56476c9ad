import { ejectionMs, isAvailable, whyNotEject } from './ejection.ts'
import type { Suspicion } from './judge.ts'
import type { OutlierEffect, OutlierRules, OutlierState, OutlierStep, OutlierTarget } from './state.ts'

const NO_EFFECTS: readonly OutlierEffect[] = []

/** What starts anew with an ejection and with a return. */
const CLEAN = { errors: 0, localErrors: 0, throttled: 0, slowWindows: 0, withheld: false } as const

export function unchanged(state: OutlierState): OutlierStep {
  return { state, effects: NO_EFFECTS }
}

export function changed(state: OutlierState, targetId: string, change: Partial<OutlierTarget>): OutlierState {
  const target = state.targets.get(targetId)
  return target ? { targets: state.targets.with(targetId, { ...target, ...change }) } : state
}

interface Moment {
  readonly atMs: number
  /** In [0, 1). */
  readonly jitter: number
}

/** Puts a target aside, or says why it stays. @param stays a reason of the caller's own */
export function eject(
  state: OutlierState,
  suspicion: Suspicion,
  { atMs, jitter }: Moment,
  rules: OutlierRules,
  stays?: string,
): OutlierStep {
  const { targetId, cause, because } = suspicion
  const target = state.targets.get(targetId)
  if (!target) return unchanged(state)
  // Told already: in a storm of failures nothing is counted again for each of them.
  if (stays !== undefined && target.withheld) return unchanged(state)
  const reason = whyNotEject(state, targetId, rules) ?? stays
  if (reason !== undefined) return withhold(state, suspicion, reason)
  const ejections = target.ejections + 1
  const forMs = ejectionMs(ejections, jitter, rules)
  const aside = { ...CLEAN, ejections, ejectedUntilMs: atMs + forMs, ejectedFor: cause, backOffUntilMs: undefined }
  return { state: changed(state, targetId, aside), effects: [{ type: 'ejected', targetId, cause, forMs, ejections, because }] }
}

/** Tells once, until the next window or good answer, that a target stands out and stays. */
function withhold(state: OutlierState, { targetId, cause, because }: Suspicion, reason: string): OutlierStep {
  if (state.targets.get(targetId)?.withheld !== false) return unchanged(state)
  const effect: OutlierEffect = { type: 'withheld', targetId, cause, because: `${because}; it stays, since ${reason}` }
  return { state: changed(state, targetId, { withheld: true }), effects: [effect] }
}

function returned(atMs: number): Partial<OutlierTarget> {
  return { ...CLEAN, ejectedUntilMs: undefined, ejectedFor: undefined, backSinceMs: atMs }
}

/** Brings back every ejected target that `picks`, in one step. */
function bringBack(state: OutlierState, atMs: number, because: string, picks: (target: OutlierTarget) => boolean): OutlierStep {
  const isPicked = (target: OutlierTarget) => target.ejectedUntilMs !== undefined && picks(target)
  if (!state.targets.some(isPicked)) return unchanged(state)
  const effects: OutlierEffect[] = []
  const targets = state.targets.map((target, targetId) => {
    if (!isPicked(target)) return target
    effects.push({ type: 'returned', targetId, because })
    return { ...target, ...returned(atMs) }
  })
  return { state: { targets }, effects }
}

export function bringBackOne(state: OutlierState, targetId: string, atMs: number, because: string): OutlierStep {
  if (state.targets.get(targetId)?.ejectedUntilMs === undefined) return unchanged(state)
  return { state: changed(state, targetId, returned(atMs)), effects: [{ type: 'returned', targetId, because }] }
}

/** Where the last target that was left is gone, all that are aside and not down come back: one that fails sometimes is better than none. */
export function rescue(state: OutlierState, atMs: number): OutlierStep {
  if (state.targets.some(isAvailable)) return unchanged(state)
  return bringBack(state, atMs, 'no other target is left', ({ health }) => health !== 'down')
}

/** Ends the ejections and back-offs whose time is over. */
export function endWhatIsOver(state: OutlierState, atMs: number): OutlierStep {
  const back = bringBack(state, atMs, 'its time is over', ({ ejectedUntilMs = atMs }) => ejectedUntilMs <= atMs)
  const isOver = ({ backOffUntilMs = Number.POSITIVE_INFINITY }: OutlierTarget) => backOffUntilMs <= atMs
  if (!back.state.targets.some(isOver)) return back
  const ended: OutlierEffect[] = []
  const targets = back.state.targets.map((target, targetId) => {
    if (!isOver(target)) return target
    ended.push({ type: 'back-off-ended', targetId, because: 'the time that it asked for is over' })
    return { ...target, backOffUntilMs: undefined, throttled: 0 }
  })
  return { state: { targets }, effects: [...back.effects, ...ended] }
}
