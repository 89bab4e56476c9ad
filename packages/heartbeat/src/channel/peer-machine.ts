import { assertNever } from '@hotspare/core'
import type { PeerHello } from './connection-machine.ts'
import { channelDefaults } from './defaults.ts'
import type { CloseReason, PeerChannelEvent, PeerRefusedReason } from './events.ts'

/** Each side dials: our requests go over `ours`, the peer's come over `theirs`. */
export type Link = 'ours' | 'theirs'

/** What is known of the peer's process. */
export type PeerProcess =
  /** It was never heard. */
  | 'unknown'
  /** It was heard, and nothing says that it has ended. */
  | 'seen'
  /** It said goodbye. */
  | 'left'
  /** It ended without a goodbye. */
  | 'gone'

export interface PeerState {
  readonly peer: string
  readonly address: string
  /** Of our configuration. */
  readonly fingerprint: string
  readonly ours: boolean
  readonly theirs: boolean
  /** Of the last hello. */
  readonly hello: PeerHello | undefined
  readonly process: PeerProcess
  /** The session that has answered at the peer's configured address: a port where it never did tells nothing of its end. */
  readonly reachedSession: string | undefined
  /** Attempts since the last good connection; 0 after it. */
  readonly failures: number
  /** Connections in a row that ended soon after they were made. */
  readonly shortLives: number
  /** How often the peer may still be dialled in quick succession, to learn how its last connection ended. */
  readonly confirms: number
  /** Whether nothing listened on the peer's port when it was dialled last. */
  readonly portClosed: boolean
  /** How the last connection ended without a goodbye. */
  readonly lostBecause: string | undefined
  /** Whether a dial is due or under way that nothing speaks against: who asks for the peer may wait for it. */
  readonly undecided: boolean
  /** What was told with `peer-refused` since the last connection. */
  readonly refusals: readonly PeerRefusedReason[]
  /** Of the value of `ours`; milliseconds since the Unix epoch. */
  readonly since: number
  readonly because: string
}

export type PeerInput =
  | { readonly type: 'start' }
  | { readonly type: 'opened'; readonly link: Link; readonly hello: PeerHello }
  /** @param good whether it lived long enough for the next dial to come at once */
  | {
      readonly type: 'lost'
      readonly link: Link
      readonly session: string
      readonly reason: CloseReason
      readonly detail: string
      readonly good: boolean
    }
  | {
      readonly type: 'dial-failed'
      readonly portClosed: boolean
      /** Torn down before the key was proven. */
      readonly cut: boolean
      readonly refusal?: PeerRefusedReason | undefined
      readonly detail: string
    }
  /** A connection of theirs ended before it was open. */
  | { readonly type: 'accept-failed'; readonly refusal?: PeerRefusedReason | undefined; readonly detail: string }

export type PeerEffect =
  | { readonly type: 'emit'; readonly event: PeerChannelEvent }
  /** Dial at once, after `confirmIntervalMs`, or after the delay of a retry; replaces a dial that waits. */
  | { readonly type: 'dial'; readonly when: 'now' | 'soon' | { readonly retryNumber: number } }

export interface PeerStep {
  readonly state: PeerState
  readonly effects: readonly PeerEffect[]
}

export function newPeer(
  identity: { readonly peer: string; readonly address: string; readonly fingerprint: string },
  atMs: number,
): PeerState {
  return {
    ...identity,
    ours: false,
    theirs: false,
    hello: undefined,
    process: 'unknown',
    reachedSession: undefined,
    failures: 0,
    shortLives: 0,
    confirms: 0,
    portClosed: false,
    lostBecause: undefined,
    undecided: false,
    refusals: [],
    since: atMs,
    because: 'the channel is not started',
  }
}

/**
 * What is believed of a peer, and when it is dialled.
 *
 * @param atMs by the wall clock, for events
 */
export function stepPeer(state: PeerState, input: PeerInput, atMs: number): PeerStep {
  switch (input.type) {
    case 'start':
      return { state: { ...state, undecided: true, because: `${state.address} is being dialled` }, effects: [DIAL_NOW] }
    case 'opened':
      return opened(state, input, atMs)
    case 'lost':
      return lost(state, input, atMs)
    case 'dial-failed':
      return dialFailed(state, input, atMs)
    case 'accept-failed':
      return refuse(state, input, atMs)
    default:
      return assertNever(input)
  }
}

const DIAL_NOW: PeerEffect = { type: 'dial', when: 'now' }

function dialAfter(failures: number): PeerEffect {
  return failures === 0 ? DIAL_NOW : { type: 'dial', when: { retryNumber: failures } }
}

function dialFailed(before: PeerState, input: Extract<PeerInput, { type: 'dial-failed' }>, atMs: number): PeerStep {
  const { portClosed, cut, detail } = input
  // The port was still open, and its process may be just going away: this told nothing, so ask again.
  const confirm = cut && before.confirms > 0
  const failures = confirm ? before.failures : before.failures + 1
  const confirms = confirm ? before.confirms - 1 : 0
  // With another key, while the connection that there is goes on.
  const because = before.ours ? before.because : detail
  const undecided = confirm && before.undecided
  const told = refuse({ ...before, failures, confirms, portClosed, undecided, because }, input, atMs)
  const concluded = conclude(told.state, atMs)
  const dial: PeerEffect = confirm ? { type: 'dial', when: 'soon' } : dialAfter(failures)
  return { state: concluded.state, effects: [...told.effects, ...concluded.effects, dial] }
}

function opened(before: PeerState, { link, hello }: Extract<PeerInput, { type: 'opened' }>, atMs: number): PeerStep {
  const { peer } = before
  const { session, protocol, fingerprintAgrees } = hello
  const restarted = before.hello !== undefined && before.hello.session !== session
  const events: PeerChannelEvent[] = []
  if (before.hello && restarted) {
    const previousSession = before.hello.session
    const because = 'another process has answered'
    if (link === 'ours' && before.ours)
      events.push({ type: 'peer-disconnected', at: atMs, peer, session: previousSession, reason: 'replaced', because })
    events.push({ type: 'peer-process-replaced', at: atMs, peer, session, previousSession })
  }
  const state: PeerState = { ...before, hello, process: 'seen', lostBecause: undefined, portClosed: false, [link]: true }
  const ours = link === 'ours'
  // The same process over a newer connection is no news.
  if (ours && (restarted || !before.ours)) events.push({ type: 'peer-connected', at: atMs, peer, session, protocol, fingerprintAgrees })
  events.push(...fingerprintEvents(before, hello, atMs))
  // A process that was not known to run has dialled us: it can be dialled now, whatever delay was being waited for.
  const dial = !ours && !before.ours && (restarted || before.process !== 'seen')
  return {
    state: ours
      ? {
          ...state,
          failures: state.shortLives,
          confirms: 0,
          reachedSession: session,
          undecided: false,
          refusals: [],
          since: before.ours && !restarted ? before.since : atMs,
          because: `connected to ${before.address}`,
        }
      : { ...state, undecided: state.undecided || dial },
    effects: [...events.map(emit), ...(dial ? [DIAL_NOW] : [])],
  }
}

function fingerprintEvents({ peer, hello: before, fingerprint: ours }: PeerState, hello: PeerHello, atMs: number): PeerChannelEvent[] {
  const { fingerprintAgrees, fingerprint: theirs } = hello
  if (fingerprintAgrees) return before?.fingerprintAgrees === false ? [{ type: 'fingerprint-agrees', at: atMs, peer }] : []
  if (before?.fingerprint === theirs) return []
  return [{ type: 'fingerprint-differs', at: atMs, peer, ours, theirs }]
}

function lost(before: PeerState, input: Extract<PeerInput, { type: 'lost' }>, atMs: number): PeerStep {
  const { link, session, reason, detail, good } = input
  const { peer } = before
  const events: PeerChannelEvent[] = []
  let state: PeerState = { ...before, [link]: false }
  if (session === before.hello?.session && before.process === 'seen') {
    if (reason === 'goodbye') {
      state = { ...state, process: 'left' }
      events.push({ type: 'peer-left', at: atMs, peer, session })
    } else {
      state = { ...state, lostBecause: detail }
    }
  }
  if (link === 'ours') {
    // Dialling at once tells whether the process lives. After a goodbye that is known, and nobody listens for a while.
    const shortLives = good ? 0 : before.shortLives + 1
    const failures = reason === 'goodbye' ? Math.max(1, shortLives) : shortLives
    const confirms = good && reason !== 'goodbye' ? channelDefaults.confirmAttempts : 0
    const undecided = failures === 0 && reason !== 'stopped'
    state = { ...state, failures, shortLives, confirms, undecided, since: atMs, because: detail }
    events.push({ type: 'peer-disconnected', at: atMs, peer, session, reason, because: detail })
    if (reason === 'stopped') return { state, effects: events.map(emit) }
    return { state, effects: [...events.map(emit), dialAfter(failures)] }
  }
  const concluded = conclude(state, atMs)
  const dial = !state.ours && concluded.state.process === 'seen' && good && reason !== 'stopped'
  return {
    state: concluded.state,
    effects: [...events.map(emit), ...concluded.effects, ...(dial ? [DIAL_NOW] : [])],
  }
}

/** The process is gone when nothing listens on its port and no connection speaks for it. */
function conclude(state: PeerState, atMs: number): PeerStep {
  const known = state.process === 'seen' && state.hello && state.hello.session === state.reachedSession
  if (!known || !state.portClosed || state.ours || state.theirs || !state.hello) return { state, effects: [] }
  const { peer, hello, address, lostBecause = 'there was no connection' } = state
  const because = `${lostBecause}; then nothing listened on ${address}`
  return {
    state: { ...state, process: 'gone' },
    effects: [emit({ type: 'peer-process-gone', at: atMs, peer, session: hello.session, because })],
  }
}

function refuse(
  state: PeerState,
  { refusal, detail }: { readonly refusal?: PeerRefusedReason | undefined; readonly detail: string },
  atMs: number,
): PeerStep {
  if (refusal === undefined || state.refusals.includes(refusal)) return { state, effects: [] }
  return {
    state: { ...state, refusals: [...state.refusals, refusal] },
    effects: [emit({ type: 'peer-refused', at: atMs, peer: state.peer, reason: refusal, because: detail })],
  }
}

function emit(event: PeerChannelEvent): PeerEffect {
  return { type: 'emit', event }
}
