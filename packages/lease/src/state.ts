import type { LeaseHandover } from './handover-message.ts'
import type { LeaseRecord, SwapResult } from './register.ts'

/** Who takes part, and the times of {@link timingChain}: what the decisions are made of. All in milliseconds. */
export interface LeaseRules {
  readonly holder: string
  /** Names this process among all that ever used the register; the first part of its revisions. */
  readonly instance: string
  readonly ttlMs: number
  readonly marginMs: number
  readonly renewMs: number
  readonly retryMs: number
  readonly pollMs: number
  /** The deadline of one call. */
  readonly callTimeoutMs: number
}

/** What the register is known to hold. */
export interface Seen {
  readonly record: LeaseRecord | null
  /** When an answer first showed it: from here on it counts as unchanged. */
  readonly sinceMs: number
  /** When an answer last showed it. */
  readonly lookedAtMs: number
}

/** A right that has been granted and has not ended. */
export interface Right {
  readonly token: number
  /** Ours in the register; the next renewal swaps it. */
  readonly record: LeaseRecord
  /** When the next renewal is due. */
  readonly renewAtMs: number
  /** From here on somebody else may be granted the lease. */
  readonly deadlineMs: number
  /** False after a gap in time, until the register has confirmed it anew. */
  readonly confirmed: boolean
}

/** The one call to the register that is under way. */
export type Call = CallStart & {
  readonly id: number
  readonly startedAtMs: number
}

export type CallStart =
  | { readonly kind: 'read' }
  /** `claim` writes a first record where there is none: nobody holds it, and it is watched for a ttl before it is taken. */
  | { readonly kind: 'claim' | 'acquire' | 'renew' | 'release'; readonly expected: LeaseRecord | null; readonly next: LeaseRecord }

export interface LeaseState {
  /** `release` gives back what an earlier goal has left in the register, and turns into `watch`. */
  readonly goal: 'watch' | 'hold' | 'release'
  readonly seen: Seen | undefined
  readonly right: Right | undefined
  readonly call: Call | undefined
  /** No call starts before this: a pause after a failure. */
  readonly notBeforeMs: number
  readonly calls: number
  readonly highestToken: number
  /** Whether the record is to be read without waiting for the next poll. */
  readonly lookNow: boolean
  /** Why the last call had no usable answer; undefined while the register answers. */
  readonly failure: string | undefined
  /** What a holder may hand its right over for, and when it was given out. */
  readonly invitation: { readonly id: string; readonly atMs: number } | undefined
  /** For whom the right is to be handed over, as soon as no call is under way; no renewal begins meanwhile. */
  readonly heir: Heir | undefined
  /** The record under which somebody else acts now, though we have written it, and since when. */
  readonly handedOver: { readonly revision: string; readonly atMs: number } | undefined
}

/** Whoever has invited the holder to hand its right over. */
export interface Heir {
  readonly invitation: string
  /** How old the invitation may be, in milliseconds: the time for which the heir can use the right is less by that. */
  readonly ageMs: number
}

export type LeaseInput =
  /** Time has passed. */
  | { readonly type: 'tick' }
  /** With `hold`, perhaps what the holder has handed over to us. */
  | { readonly type: 'goal'; readonly goal: LeaseState['goal']; readonly handover?: LeaseHandover | undefined }
  | { readonly type: 'record'; readonly callId: number; readonly record: LeaseRecord | null }
  | { readonly type: 'swap'; readonly callId: number; readonly result: SwapResult }
  /** A call failed or was late: whether a write has arrived, or will, is unknown. */
  | { readonly type: 'no-answer'; readonly callId: number; readonly because: string }
  /** Somebody wants to know for certain: renew now. */
  | { readonly type: 'renew' }
  /** Somebody knows that the record has changed: read it now, not at the next poll. */
  | { readonly type: 'look' }
  /** A holder may hand its right over to us from now on. */
  | { readonly type: 'invite'; readonly id: string }
  /** Our right goes to whoever has invited us to hand it over. */
  | { readonly type: 'hand-over'; readonly heir: Heir }
  /** The monotonic clock stood still for `lostMs`, while others' went on. */
  | { readonly type: 'slept'; readonly lostMs: number }
  /** We were not running, or a clock jumped: what is known may be old, and clocks do not tell how old. */
  | { readonly type: 'gap'; readonly because: string }

/** Why a right has ended. */
export type EndReason =
  /** Given back by its holder. */
  | 'released'
  /** Not renewed in time; nobody else may have it yet. */
  | 'expired'
  /** The register shows that somebody else has been granted it, or that our record has gone. */
  | 'lost'

export type LeaseEffect =
  | { readonly type: 'call'; readonly call: Call }
  /** The call is given up: its answer no longer counts. */
  | { readonly type: 'cancel'; readonly callId: number }
  | { readonly type: 'granted'; readonly token: number; readonly by: 'call' | 'handover' }
  /** The right was ours at `startedAtMs`, the start of the renewal. */
  | { readonly type: 'renewed'; readonly startedAtMs: number }
  | { readonly type: 'ended'; readonly token: number; readonly reason: EndReason; readonly because: string }
  | { readonly type: 'unconfirmed'; readonly because: string }
  | { readonly type: 'confirmed' }
  /** The register shows another holder than before; null is nobody. */
  | { readonly type: 'holder-changed'; readonly holder: string | null; readonly token: number }
  | { readonly type: 'register-unreachable'; readonly because: string }
  | { readonly type: 'register-reachable' }
  /** Nothing of ours is left in the register. */
  | { readonly type: 'given-back' }
  /** Our right has ended for the sake of the heir; or it could not be handed over, and stays ours. */
  | { readonly type: 'handed-over'; readonly handover: LeaseHandover | undefined }

export interface LeaseStep {
  readonly state: LeaseState
  readonly effects: readonly LeaseEffect[]
}

export const INITIAL_STATE: LeaseState = Object.freeze({
  goal: 'watch',
  seen: undefined,
  right: undefined,
  call: undefined,
  notBeforeMs: 0,
  calls: 0,
  highestToken: 0,
  lookNow: false,
  failure: undefined,
  invitation: undefined,
  heir: undefined,
  handedOver: undefined,
})

/** One moment by two clocks, in milliseconds. */
export interface Instant {
  /** By the monotonic clock. */
  readonly atMs: number
  /** Since the Unix epoch. */
  readonly wallMs: number
}

/** Whether the record only claims a name that had none. */
export function isClaim(record: LeaseRecord): boolean {
  return /\.claim\d+$/u.test(record.revision)
}

/** Whether this process wrote the record and nobody else acts under it: then no right of anybody stands behind it but our own. */
export function isOurs(record: LeaseRecord | null | undefined, { handedOver }: Pick<LeaseState, 'handedOver'>, rules: LeaseRules): boolean {
  return isOwn(record, rules) && record?.revision !== handedOver?.revision
}

/** Whether this process wrote the record: nobody else uses its instance in a revision. */
export function isOwn(record: LeaseRecord | null | undefined, { instance }: LeaseRules): boolean {
  return record?.revision.startsWith(`${instance}.`) === true
}
