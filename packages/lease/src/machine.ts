import { assertNever } from '@hotspare/core'
import { type Draft, endRight, see, update } from './draft.ts'
import { acceptHandover, dropInvitation, handOver, settleHandover } from './handover-machine.ts'
import { nextCall } from './next-call.ts'
import type { LeaseRecord, SwapResult } from './register.ts'
import { type Call, type Instant, isOurs, isOwn, type LeaseInput, type LeaseRules, type LeaseState, type LeaseStep } from './state.ts'

/**
 * The lease algorithm: pure, and the same over every register.
 *
 * A holder's right ends at (start of its last successful renewal + ttl - margin) by its own monotonic clock. A challenger
 * swaps the record only after it has seen it unchanged for a full ttl by its own. The swap compares, so a renewal that
 * came in between wins. As long as two clocks differ in rate by less than the margin allows, no two rights overlap,
 * however late, lost or repeated the calls are. (The Lease of Kubernetes' leader election, with a token and a margin.)
 *
 * @param now by the monotonic clock never less than in the step before
 */
export function step(state: LeaseState, input: LeaseInput, { atMs, wallMs }: Instant, rules: LeaseRules): LeaseStep {
  const draft: Draft = { state, effects: [], atMs, wallMs, rules }
  const { right } = state
  // First of all, so that an answer which comes too late finds no right to prolong.
  if (right && atMs >= right.deadlineMs) endRight(draft, 'expired', 'it was not renewed in time')
  if (state.invitation && atMs >= state.invitation.atMs + rules.ttlMs) dropInvitation(draft)
  apply(draft, input)
  settleHandover(draft)
  startCall(draft)
  return draft
}

/** When `step` must be called again, by the monotonic clock; undefined when only an answer can change anything. */
export function nextWakeMs(state: LeaseState, rules: LeaseRules): number | undefined {
  const times = [state.right?.deadlineMs, nextCall(state, rules)?.atMs].filter((time) => time !== undefined)
  return times.length > 0 ? Math.min(...times) : undefined
}

function apply(draft: Draft, input: LeaseInput): void {
  switch (input.type) {
    case 'tick':
      return
    case 'goal':
      setGoal(draft, input.goal)
      // Before any call begins, for what we have seen may be old.
      return input.handover && acceptHandover(draft, input.handover)
    case 'renew':
      if (draft.state.right) update(draft, { right: { ...draft.state.right, renewAtMs: draft.atMs } })
      return
    case 'look':
      return update(draft, { lookNow: true })
    case 'invite':
      return update(draft, { invitation: { id: input.id, atMs: draft.atMs } })
    case 'hand-over':
      return handOver(draft, input.heir)
    case 'slept':
      return noteSleep(draft, input.lostMs)
    case 'gap':
      return noteGap(draft, input.because)
    case 'record':
      if (!endCall(draft, input.callId)) return
      noteAnswer(draft)
      see(draft, input.record)
      return settleRelease(draft)
    case 'swap': {
      const call = endCall(draft, input.callId)
      if (!call || call.kind === 'read') return
      noteAnswer(draft)
      return landed(call.next, input.result) ? noteSwapped(draft, call) : noteMismatch(draft, call, currentOf(input.result))
    }
    case 'no-answer':
      if (endCall(draft, input.callId)) noteFailure(draft, input.because)
      return
    default:
      assertNever(input)
  }
}

function setGoal(draft: Draft, goal: LeaseState['goal']): void {
  if (goal !== 'hold' && draft.state.right) endRight(draft, 'released', 'it was given back')
  update(draft, { goal })
  settleRelease(draft)
}

/** What the monotonic clock has missed is as good as passed: also for the call that is under way, and for an invitation. */
function noteSleep(draft: Draft, lostMs: number): void {
  const { call, right, invitation } = draft.state
  if (call) update(draft, { call: { ...call, startedAtMs: call.startedAtMs - lostMs } })
  if (invitation) update(draft, { invitation: { ...invitation, atMs: invitation.atMs - lostMs } })
  if (!right) return
  const deadlineMs = right.deadlineMs - lostMs
  update(draft, { right: { ...right, deadlineMs } })
  if (draft.atMs >= deadlineMs) endRight(draft, 'expired', 'the machine was suspended for too long')
}

/** Asks the register before anything else: whatever was known may be old, and clocks may not tell how old. */
function noteGap(draft: Draft, because: string): void {
  const { call, right } = draft.state
  dropInvitation(draft)
  if (call) {
    draft.effects.push({ type: 'cancel', callId: call.id })
    update(draft, { call: undefined })
  }
  update(draft, { notBeforeMs: draft.atMs })
  if (!right?.confirmed) return
  update(draft, { right: { ...right, confirmed: false } })
  draft.effects.push({ type: 'unconfirmed', because })
}

/** A write of ours is in the register for certain. */
function noteSwapped(draft: Draft, call: Call & { readonly next: LeaseRecord }): void {
  const { state, atMs, rules } = draft
  const { right } = state
  see(draft, call.next)
  const { startedAtMs, next } = call
  const deadlineMs = startedAtMs + rules.ttlMs - rules.marginMs
  const extended = { record: next, token: next.token, renewAtMs: startedAtMs + rules.renewMs, deadlineMs, confirmed: true }
  if (call.kind === 'renew' && right) {
    update(draft, { right: extended })
    if (!right.confirmed) draft.effects.push({ type: 'confirmed' })
    draft.effects.push({ type: 'renewed', startedAtMs })
  } else if (call.kind === 'acquire' && state.goal === 'hold' && atMs < deadlineMs) {
    update(draft, { right: extended })
    draft.effects.push({ type: 'granted', token: next.token, by: 'call' })
  }
  if (call.kind === 'release' && state.goal !== 'release') draft.effects.push({ type: 'given-back' })
  settleRelease(draft)
}

/** The register holds something else than the write was made for. */
function noteMismatch(draft: Draft, call: Call, current: LeaseRecord | null): void {
  const { right } = draft.state
  see(draft, current)
  if (call.kind !== 'renew' || !right) return settleRelease(draft)
  if (current && isOwn(current, draft.rules) && current.token === right.token && current.holder === draft.rules.holder) {
    // An earlier renewal of ours, whose answer never came, had arrived. Renew from there.
    return update(draft, { right: { ...right, record: current } })
  }
  endRight(draft, 'lost', current ? `the register shows ${current.holder ?? 'nobody'} with token ${current.token}` : 'the record has gone')
}

function noteFailure(draft: Draft, because: string): void {
  const { failure } = draft.state
  if (failure === undefined) draft.effects.push({ type: 'register-unreachable', because })
  update(draft, { failure: because, notBeforeMs: draft.atMs + draft.rules.retryMs })
}

function noteAnswer(draft: Draft): void {
  if (draft.state.failure !== undefined) draft.effects.push({ type: 'register-reachable' })
  update(draft, { failure: undefined, notBeforeMs: draft.atMs })
}

/** A release is done when the register is known to hold nothing of ours. */
function settleRelease(draft: Draft): void {
  const { goal, call, seen, failure } = draft.state
  // After a call without an answer nobody knows what has arrived: look first.
  if (goal !== 'release' || call || !seen || failure !== undefined) return
  if (seen.record && isOurs(seen.record, draft.state, draft.rules) && seen.record.holder !== null) return
  update(draft, { goal: 'watch' })
  draft.effects.push({ type: 'given-back' })
}

function startCall(draft: Draft): void {
  const { state, atMs, wallMs, rules } = draft
  const planned = nextCall(state, rules)
  if (!planned || atMs < planned.atMs) return
  const id = state.calls + 1
  const call: Call = { ...planned.start(wallMs), id, startedAtMs: atMs }
  update(draft, { call, calls: id, lookNow: false })
  draft.effects.push({ type: 'call', call })
}

/** @returns the call that the answer belongs to, or undefined for one that was given up */
function endCall(draft: Draft, callId: number): Call | undefined {
  const { call } = draft.state
  if (call?.id !== callId) return undefined
  update(draft, { call: undefined })
  return call
}

/** Also when a driver that had to repeat the call found our own write there. */
function landed(next: LeaseRecord, result: SwapResult): boolean {
  return result.swapped || result.current?.revision === next.revision
}

function currentOf(result: SwapResult): LeaseRecord | null {
  return result.swapped ? null : result.current
}
