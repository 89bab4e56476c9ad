import type { LeaseRecord } from './register.ts'
import type { EndReason, LeaseEffect, LeaseRules, LeaseState } from './state.ts'

/** One step of the lease, with the effects gathered on the way. */
export interface Draft {
  state: LeaseState
  readonly effects: LeaseEffect[]
  readonly atMs: number
  readonly wallMs: number
  readonly rules: LeaseRules
}

/** Notes what the register holds. */
export function see(draft: Draft, record: LeaseRecord | null): void {
  const { state, atMs } = draft
  const before = state.seen
  const unchanged = before !== undefined && before.record?.revision === record?.revision
  update(draft, {
    seen: { record, sinceMs: unchanged ? before.sinceMs : atMs, lookedAtMs: atMs },
    highestToken: Math.max(state.highestToken, record?.token ?? 0),
  })
  const holder = record?.holder ?? null
  const isSame = before && holder === (before.record?.holder ?? null) && (holder === null || record?.token === before.record?.token)
  if (isSame) return
  draft.effects.push({ type: 'holder-changed', holder, token: record?.token ?? 0 })
}

export function endRight(draft: Draft, reason: EndReason, because: string): void {
  const { right, goal } = draft.state
  if (!right) return
  // Whoever wants it again says so; until then, nothing is taken.
  update(draft, { right: undefined, goal: goal === 'hold' ? 'watch' : goal })
  draft.effects.push({ type: 'ended', token: right.token, reason, because })
}

export function update(draft: Draft, changes: Partial<LeaseState>): void {
  draft.state = { ...draft.state, ...changes }
}
