import { LARGEST_TOKEN } from './record.ts'
import type { LeaseRecord } from './register.ts'
import { isClaim, isOurs, type CallStart, type LeaseRules, type LeaseState, type Seen } from './state.ts'

/** A call that is due at its time. */
export interface PlannedCall {
  readonly atMs: number
  /** @param wallMs the time of day */
  readonly start: (wallMs: number) => CallStart
}

/** What is asked of the register next, and when; undefined while a call is under way. */
export function nextCall(state: LeaseState, rules: LeaseRules): PlannedCall | undefined {
  const { call, right, seen, goal, notBeforeMs, lookNow, heir } = state
  // What is about to be handed over is not changed any more.
  if (call || (right && heir)) return undefined
  if (right) {
    const dueMs = right.confirmed ? right.renewAtMs : notBeforeMs
    return { atMs: Math.max(dueMs, notBeforeMs), start: () => swap(state, rules, 'renew', right.record, right.token) }
  }
  if (!seen) return { atMs: notBeforeMs, start: read }
  const { record } = seen
  if (goal === 'release' && record && isOurs(record, state, rules) && record.holder !== null) {
    return { atMs: notBeforeMs, start: () => swap(state, rules, 'release', record, record.token) }
  }
  const lookAtMs = lookNow ? notBeforeMs : Math.max(notBeforeMs, seen.lookedAtMs + rules.pollMs)
  const takeAtMs = Math.max(notBeforeMs, freeAtMs(seen, state, rules))
  // A look in the meantime may show a renewal, and with it a new wait. The takeover itself needs no look before it:
  // it compares.
  if (goal !== 'hold' || lookAtMs < takeAtMs) return { atMs: lookAtMs, start: read }
  const kind = record ? 'acquire' : 'claim'
  return { atMs: takeAtMs, start: (wallMs) => swap(state, rules, kind, record, nextToken(state, wallMs)) }
}

/**
 * From when on the record may be swapped, by our clock. Its holder's right has ended by then: it began before the
 * write that we saw, and its clock and ours differ by less than the margin allows.
 */
export function freeAtMs({ record, sinceMs }: Seen, state: Pick<LeaseState, 'handedOver'>, rules: LeaseRules): number {
  // Where there is none, one can be claimed at once. That grants nothing: who had the right until the record was lost
  // has a ttl from the claim on to find out.
  if (!record) return sinceMs
  if (isClaim(record)) return sinceMs + record.ttlMs
  // Our own right has ended, or it would be renewing; what was given back is free at once.
  if (record.holder === null || isOurs(record, state, rules)) return sinceMs
  const { handedOver } = state
  if (record.revision === handedOver?.revision) return handedOver.atMs + record.ttlMs
  return sinceMs + record.ttlMs
}

function read(): CallStart {
  return { kind: 'read' }
}

function swap(
  state: LeaseState,
  { holder, ttlMs, instance }: LeaseRules,
  kind: 'claim' | 'acquire' | 'renew' | 'release',
  expected: LeaseRecord | null,
  token: number,
): CallStart {
  const number = state.calls + 1
  const isHeld = kind === 'acquire' || kind === 'renew'
  const revision = kind === 'claim' ? `${instance}.claim${number}` : `${instance}.${number}`
  return { kind, expected, next: { holder: isHeld ? holder : null, token, ttlMs, revision } }
}

/**
 * Above every token that was ever seen, and above that of an heir of whom the register does not know yet; and not below the time of day: a register that has lost its data, or got an old
 * copy of it back, still gives out greater ones. (A grant in each millisecond would be needed to overtake the clock.)
 */
function nextToken({ seen, highestToken }: LeaseState, wallMs: number): number {
  const next = Math.max(seen?.record?.token ?? 0, highestToken) + 2
  return Math.max(next, Math.min(Math.floor(wallMs), LARGEST_TOKEN / 2))
}
