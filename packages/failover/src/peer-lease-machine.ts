import type { HealthState, Verdict } from '@hotspare/core'
import type { LeaseStanding } from './facts.ts'

/** What another member says about the right: its token, null for "I have none", undefined before it has said so. */
export type Claim = number | null | undefined

/** How the right to one service stands where no arbiter keeps it: as the members say, while they are heard. */
export interface PeerLeaseState {
  readonly own: { readonly token: number; readonly confirmed: boolean } | undefined
  readonly claims: Readonly<Record<string, Claim>>
  readonly highestToken: number
}

export interface PeerLeaseView {
  readonly node: string
  /** All members in order of preference. */
  readonly members: readonly string[]
  readonly verdict: (node: string) => Verdict<HealthState>
  /** Whether members that were never heard have been waited for long enough. */
  readonly settled: boolean
}

export const INITIAL_PEER_LEASE: PeerLeaseState = Object.freeze({ own: undefined, claims: {}, highestToken: 0 })

/** The standing, as VRRP has it: whoever is silent has no right any more. */
export function peerStanding(
  state: PeerLeaseState,
  view: PeerLeaseView,
): Omit<Verdict<LeaseStanding>, 'since'> & { readonly holder: string | null } {
  const { node } = view
  if (state.own) {
    const because = state.own.confirmed
      ? `token ${state.own.token}`
      : `token ${state.own.token}, until the other members have answered again`
    return { state: state.own.confirmed ? 'held' : 'unconfirmed', holder: node, because }
  }
  const others = view.members.filter((member) => member !== node)
  const holder = others.find((member) => typeof state.claims[member] === 'number' && !isGone(member, view))
  if (holder !== undefined) return { state: 'elsewhere', holder, because: `${holder} says that it has token ${state.claims[holder]}` }
  const unheard = others.find((member) => !isGone(member, view) && state.claims[member] === undefined)
  if (unheard !== undefined) return { state: 'unknown', holder: null, because: `${unheard} has not said whether it is active` }
  const silent = others.filter((member) => isGone(member, view))
  const because =
    silent.length > 0
      ? `${silent.join(', ')} ${silent.length === 1 ? 'is' : 'are'} silent, and no other member is active`
      : 'no member is active'
  return { state: 'free', holder: null, because }
}

/** Takes the right; only where the standing is `free`. @param wallMs the time of day, below which no token is */
export function claimOwn(state: PeerLeaseState, wallMs: number): PeerLeaseState {
  const token = Math.max(state.highestToken + 1, Math.floor(wallMs))
  return { ...state, own: { token, confirmed: true }, highestToken: token }
}

/**
 * A member has said how it is. Of two that claim the right at once, the preferred one keeps it, unless it was out of touch.
 *
 * @param confirmed false while the claim is of before a pause, and that member waits to hear whether it still stands
 * @returns the state, and whether our own right has been lost to that member
 */
export function hearClaim(
  state: PeerLeaseState,
  from: string,
  { claim, confirmed }: { readonly claim: number | null; readonly confirmed: boolean },
  members: readonly string[],
  node: string,
): { readonly state: PeerLeaseState; readonly lost: boolean } {
  const highestToken = Math.max(state.highestToken, claim ?? 0)
  const heard = { ...state, claims: { ...state.claims, [from]: claim }, highestToken }
  const isPreferred = members.indexOf(from) < members.indexOf(node)
  const goesFirst = confirmed === state.own?.confirmed ? isPreferred : confirmed
  const yields = claim !== null && state.own !== undefined && goesFirst
  return { state: yields ? { ...heard, own: undefined } : heard, lost: yields }
}

/** Members that are gone claim nothing; one that comes back has to say anew. */
export function forgetGone(state: PeerLeaseState, view: PeerLeaseView): PeerLeaseState {
  const claims = Object.fromEntries(Object.entries(state.claims).filter(([member]) => !isGone(member, view)))
  return { ...state, claims }
}

/** This process did not run for a while: whatever was said before may be old. */
export function notePause(state: PeerLeaseState): PeerLeaseState {
  return { ...state, claims: {}, own: state.own && { ...state.own, confirmed: false } }
}

/** Every member that lives has answered since the pause, and none of them claims the right. */
export function confirmOwn(state: PeerLeaseState, view: PeerLeaseView): PeerLeaseState {
  if (!state.own || state.own.confirmed) return state
  const open = view.members.some((member) => member !== view.node && !isGone(member, view) && state.claims[member] === undefined)
  return open ? state : { ...state, own: { ...state.own, confirmed: true } }
}

function isGone(member: string, { verdict, settled }: PeerLeaseView): boolean {
  const { state } = verdict(member)
  return state === 'down' || (state === 'unknown' && settled)
}
