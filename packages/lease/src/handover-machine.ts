import { type Draft, endRight, update } from './draft.ts'
import type { LeaseHandover } from './handover-message.ts'
import type { Heir } from './state.ts'

// A right goes from its holder to an heir without a call to the register in between: the holder's right ends, and the heir acts under what is
// left of it, counted from its own invitation, which came before. Until that is over nobody else may begin, for they all wait for a full
// ttl from the holder's last record on. The heir then soon renews that record, as the holder would have done; where that finds another
// record, its right has ended. Its token is the one after the holder's, which is nobody else's: a takeover raises the token by two.

/** The holder's part: as soon as nothing of it is under way that could still change the record. */
export function handOver(draft: Draft, heir: Heir): void {
  update(draft, { heir })
}

/** Ends our right for the heir, or tells that it cannot be handed over. */
export function settleHandover(draft: Draft): void {
  const { heir, call, right, failure } = draft.state
  if (!heir || call) return
  update(draft, { heir: undefined })
  const restMs = right ? right.deadlineMs - draft.atMs : 0
  // What an unanswered call has written, or a gap has hidden, nobody knows; and the heir needs the time for a renewal that fails and one that works, each after a pause.
  const isClear = right?.confirmed === true && failure === undefined
  if (!isClear || restMs - heir.ageMs < 2 * (draft.rules.callTimeoutMs + draft.rules.retryMs)) {
    draft.effects.push({ type: 'handed-over', handover: undefined })
    return
  }
  const { record } = right
  update(draft, { handedOver: { revision: record.revision, atMs: draft.atMs } })
  endRight(draft, 'released', 'it was handed over')
  draft.effects.push({ type: 'handed-over', handover: { invitation: heir.invitation, record, restMs } })
}

/** The heir's part. What makes no sense, comes too late, or comes twice is passed over: the register knows. */
export function acceptHandover(draft: Draft, { invitation: id, record, restMs }: LeaseHandover): void {
  const { invitation, right, goal, call, highestToken } = draft.state
  if (invitation?.id !== id) return
  dropInvitation(draft)
  const deadlineMs = invitation.atMs + Math.min(restMs, record.ttlMs)
  // A call that may write would not be known to the right that it changes.
  const isBusy = right !== undefined || goal !== 'hold' || (call !== undefined && call.kind !== 'read')
  if (isBusy || record.holder === null || record.token < highestToken || draft.atMs >= deadlineMs) return
  const token = record.token + 1
  // A breath later: first of all the heir acts, for somebody may be waiting for that.
  const renewAtMs = draft.atMs + draft.rules.retryMs
  update(draft, { right: { token, record, renewAtMs, deadlineMs, confirmed: true }, highestToken: token })
  draft.effects.push({ type: 'granted', token, by: 'handover' })
}

/** After a gap nobody knows when it was given out; after a ttl there is no right left that it could be for. */
export function dropInvitation(draft: Draft): void {
  update(draft, { invitation: undefined })
}
