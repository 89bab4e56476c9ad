import type { LeaseRecord } from './register.ts'
import { isOwn, type CallStart, type LeaseRules, type LeaseState, type Seen } from './state.ts'

/** A call that is due at its time. */
export interface PlannedCall {
  readonly atMs: number
  readonly start: () => CallStart
}

/** What is asked of the register next, and when; undefined while a call is under way. */
export function nextCall(state: LeaseState, rules: LeaseRules): PlannedCall | undefined {
  const { call, right, seen, goal, notBeforeMs } = state
  if (call) return undefined
  if (right) {
    const dueMs = right.confirmed ? right.renewAtMs : notBeforeMs
    return { atMs: Math.max(dueMs, notBeforeMs), start: () => swap(state, rules, 'renew', right.record, right.token) }
  }
  if (!seen) return { atMs: notBeforeMs, start: read }
  const { record } = seen
  if (goal === 'release' && record && isOwn(record, rules) && record.holder !== null) {
    return { atMs: notBeforeMs, start: () => swap(state, rules, 'release', record, record.token) }
  }
  const lookAtMs = Math.max(notBeforeMs, seen.lookedAtMs + rules.pollMs)
  const takeAtMs = Math.max(notBeforeMs, freeAtMs(seen, rules))
  // A look in the meantime may show a renewal, and with it a new wait. The takeover itself needs no look before it:
  // it compares.
  if (goal !== 'hold' || lookAtMs < takeAtMs) return { atMs: lookAtMs, start: read }
  return { atMs: takeAtMs, start: () => swap(state, rules, 'acquire', record, grantToken(state, rules)) }
}

/**
 * From when on the record may be taken over, by our clock. Its holder's right has ended by then: it began before the
 * write that we saw, and its clock and ours differ by less than the margin allows.
 */
export function freeAtMs({ record, sinceMs }: Seen, rules: LeaseRules): number {
  // Its own right has ended, or it would be renewing; what was given back is free at once.
  if (record && (record.holder === null || isOwn(record, rules))) return sinceMs
  // An absent record gets the same wait: it may have been lost under a holder.
  return sinceMs + (record?.ttlMs ?? rules.ttlMs)
}

function read(): CallStart {
  return { kind: 'read' }
}

function swap(
  state: LeaseState,
  { holder, ttlMs, instance }: LeaseRules,
  kind: 'acquire' | 'renew' | 'release',
  expected: LeaseRecord | null,
  token: number,
): CallStart {
  const next = { holder: kind === 'release' ? null : holder, token, ttlMs, revision: `${instance}.${state.calls + 1}` }
  return { kind, expected, next }
}

/** Above every token that was ever seen, whatever the register holds now; a register that lost its data starts high. */
function grantToken({ seen, highestToken }: LeaseState, rules: LeaseRules): number {
  const next = Math.max(seen?.record?.token ?? 0, highestToken) + 1
  return seen?.record ? next : Math.max(next, rules.firstToken)
}
