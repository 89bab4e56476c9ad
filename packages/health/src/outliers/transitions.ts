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
  return target ? { targets: new Map(state.targets).set(targetId, { ...target, ...change }) } : state
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

/** Brings back every ejected target that `picks`, in one step. */
function bringBack(state: OutlierState, atMs: number, because: string, picks: (target: OutlierTarget, id: string) => boolean): OutlierStep {
  const targets = new Map(state.targets)
  const effects: OutlierEffect[] = []
  for (const [targetId, target] of state.targets) {
    if (target.ejectedUntilMs === undefined || !picks(target, targetId)) continue
    targets.set(targetId, { ...target, ...CLEAN, ejectedUntilMs: undefined, ejectedFor: undefined, backSinceMs: atMs })
    effects.push({ type: 'returned', targetId, because })
  }
  return effects.length === 0 ? unchanged(state) : { state: { targets }, effects }
}

export function bringBackOne(state: OutlierState, targetId: string, atMs: number, because: string): OutlierStep {
  return bringBack(state, atMs, because, (_, id) => id === targetId)
}

/** Where the last target that was left is gone, all that are aside and not down come back: one that fails sometimes is better than none. */
export function rescue(state: OutlierState, atMs: number): OutlierStep {
  if ([...state.targets.values()].some(isAvailable)) return unchanged(state)
  return bringBack(state, atMs, 'no other target is left', ({ health }) => health !== 'down')
}

/** Ends the ejections and back-offs whose time is over. */
export function endWhatIsOver(state: OutlierState, atMs: number): OutlierStep {
  const back = bringBack(state, atMs, 'its time is over', ({ ejectedUntilMs = atMs }) => ejectedUntilMs <= atMs)
  const over = [...back.state.targets].filter(([, { backOffUntilMs }]) => backOffUntilMs !== undefined && backOffUntilMs <= atMs)
  if (over.length === 0) return back
  const targets = new Map(back.state.targets)
  for (const [targetId, target] of over) targets.set(targetId, { ...target, backOffUntilMs: undefined, throttled: 0 })
  const ended = over.map(([targetId]): OutlierEffect => ({
    type: 'back-off-ended',
    targetId,
    because: 'the time that it asked for is over',
  }))
  return { state: { targets }, effects: [...back.effects, ...ended] }
}
