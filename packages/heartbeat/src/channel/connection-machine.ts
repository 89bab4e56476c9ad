import { assertNever } from '@hotspare/core'
import { channelDefaults } from './defaults.ts'
import type { CloseReason } from './events.ts'
import { agree } from './hello.ts'
import type { ErrorFrame, Frame, HelloFrame, RequestFrame, ResponseFrame } from './frame.ts'

export interface ConnectionRules {
  readonly ours: HelloFrame
  /** Whom the key of the handshake belongs to. */
  readonly peer: string
  readonly helloTimeoutMs: number
  readonly pingIntervalMs: number
  readonly silenceMs: number
}

/** Who is at the other end. */
export interface PeerHello {
  readonly session: string
  readonly fingerprint: string
  readonly fingerprintAgrees: boolean
  readonly protocol: number
}

export type ConnectionState =
  | { readonly phase: 'greeting'; readonly dueMs: number }
  | {
      readonly phase: 'open'
      readonly peer: PeerHello
      readonly heardMs: number
      /** When the next tick is wanted. */
      readonly dueMs: number
      readonly tickedMs: number
      /** For how long nothing was heard while we ran, as of the last tick. */
      readonly silentMs: number
      /** For how long nothing of what waits has left while we ran, as of the last tick. */
      readonly stuckMs: number
      /** The last tick came late and would have closed it: the next one does, unless something was heard or has left. */
      readonly lastLook: boolean
      /** Of the last request that came. */
      readonly lastId: number
    }
  | { readonly phase: 'closed' }

type OpenState = Extract<ConnectionState, { phase: 'open' }>

export type ConnectionInput =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'garbage'; readonly detail: string }
  /** Bytes came, of whatever frame: a large one takes its time. */
  | { readonly type: 'heard' }
  /** @param stuck whether something waits to be sent, and nothing of it has left since the last tick */
  | { readonly type: 'tick'; readonly stuck: boolean }
  /** The connection ends for a reason that lies outside of what is said on it. */
  | { readonly type: 'end'; readonly reason: CloseReason; readonly detail: string; readonly tell?: Frame | undefined }

export type ConnectionEffect =
  | { readonly type: 'send'; readonly frame: Frame }
  | { readonly type: 'opened'; readonly peer: PeerHello }
  | { readonly type: 'serve'; readonly frame: RequestFrame }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'settle'; readonly frame: ResponseFrame | ErrorFrame }
  /** The last effect of a connection; `tell` is the last thing that is sent. */
  | { readonly type: 'close'; readonly reason: CloseReason; readonly detail: string; readonly tell?: Frame | undefined }

export interface ConnectionStep {
  readonly state: ConnectionState
  readonly effects: readonly ConnectionEffect[]
}

/** A connection whose key has been proven; says hello. */
export function greet(rules: ConnectionRules, nowMs: number): ConnectionStep {
  return { state: { phase: 'greeting', dueMs: nowMs + rules.helloTimeoutMs }, effects: [{ type: 'send', frame: rules.ours }] }
}

/** What a connection does about what it hears, and about silence. */
export function stepConnection(state: ConnectionState, input: ConnectionInput, nowMs: number, rules: ConnectionRules): ConnectionStep {
  if (state.phase === 'closed') return { state, effects: [] }
  switch (input.type) {
    case 'end':
      return close(input.reason, input.detail, input.tell)
    case 'garbage':
      return garbage(input.detail)
    case 'heard':
      return { state: state.phase === 'open' ? { ...state, heardMs: nowMs, silentMs: 0 } : state, effects: [] }
    case 'tick':
      return state.phase === 'greeting' ? awaitHello(state, nowMs, rules) : tick(state, input.stuck, nowMs, rules)
    case 'frame':
      return state.phase === 'greeting' ? hear(input.frame, nowMs, rules) : take(state, input.frame, rules)
    default:
      return assertNever(input)
  }
}

/** The first frame. */
function hear(frame: Frame, nowMs: number, rules: ConnectionRules): ConnectionStep {
  if (frame.type !== 'hello') return ending(frame, rules) ?? garbage(`a ${frame.type} before the hello`)
  const agreement = agree(rules.ours, frame, rules.peer)
  if (!agreement.ok) {
    const { reason, detail } = agreement
    return close(reason, detail, { type: 'refused', reason, detail })
  }
  const { protocol, fingerprintAgrees } = agreement
  const peer: PeerHello = { session: frame.session, fingerprint: frame.fingerprint, fingerprintAgrees, protocol }
  return {
    state: {
      phase: 'open',
      peer,
      heardMs: nowMs,
      dueMs: nowMs + rules.pingIntervalMs,
      tickedMs: nowMs,
      silentMs: 0,
      stuckMs: 0,
      lastLook: false,
      lastId: 0,
    },
    effects: [{ type: 'opened', peer }],
  }
}

/** Every later frame. */
function take(state: OpenState, frame: Frame, rules: ConnectionRules): ConnectionStep {
  switch (frame.type) {
    case 'request':
      if (frame.id <= state.lastId) return garbage(`request ${frame.id} after request ${state.lastId}`)
      return { state: { ...state, lastId: frame.id }, effects: [{ type: 'serve', frame }] }
    case 'cancel':
      return { state, effects: [{ type: 'cancel', id: frame.id }] }
    case 'response':
    case 'error':
      return { state, effects: [{ type: 'settle', frame }] }
    case 'ping':
      return { state, effects: [{ type: 'send', frame: { type: 'pong' } }] }
    case 'pong':
      return { state, effects: [] }
    case 'hello':
      return garbage('a second hello')
    case 'goodbye':
    case 'refused':
      return ending(frame, rules) ?? garbage(frame.type)
    default:
      return assertNever(frame)
  }
}

function ending(frame: Frame, rules: ConnectionRules): ConnectionStep | undefined {
  if (frame.type === 'goodbye') return close('goodbye', `${rules.peer} said goodbye`)
  if (frame.type === 'refused') return close('refused', `${rules.peer} closed the connection: ${frame.reason}: ${frame.detail}`)
  return undefined
}

function awaitHello(state: Extract<ConnectionState, { phase: 'greeting' }>, nowMs: number, rules: ConnectionRules): ConnectionStep {
  return nowMs < state.dueMs ? { state, effects: [] } : close('no-hello', `no hello within ${rules.helloTimeoutMs} ms`)
}

/**
 * Only the time until a tick was due counts, since beyond it we did not run. So a pause of ours convicts nobody, and a dead
 * peer is found by a node too that is late again and again.
 */
function tick(state: OpenState, stuck: boolean, nowMs: number, { pingIntervalMs, silenceMs }: ConnectionRules): ConnectionStep {
  const { dueMs, tickedMs, heardMs, lastLook } = state
  const lateMs = nowMs - dueMs
  if (lateMs < 0) return { state, effects: [] }
  const silentMs = state.silentMs + Math.max(0, dueMs - Math.max(heardMs, tickedMs))
  const stuckMs = stuck ? state.stuckMs + dueMs - tickedMs : 0
  const silent = silentMs >= silenceMs
  const over = silent || stuckMs >= silenceMs
  if (over && (lateMs === 0 || lastLook)) {
    if (silent) return close('silent', `nothing was heard for ${Math.round(nowMs - heardMs)} ms`)
    return close('not-reading', `nothing of what waits could be sent for ${Math.round(stuckMs)} ms`)
  }
  // What was said during a pause may wait to be read: it gets one chance.
  const nextMs = over ? channelDefaults.lastLookMs : Math.min(pingIntervalMs, silenceMs - silentMs)
  const ping = silentMs >= pingIntervalMs || lateMs >= pingIntervalMs
  return {
    state: { ...state, silentMs, stuckMs, tickedMs: nowMs, dueMs: nowMs + nextMs, lastLook: over },
    effects: ping ? [{ type: 'send', frame: { type: 'ping' } }] : [],
  }
}

function garbage(detail: string): ConnectionStep {
  return close('garbage', detail, { type: 'refused', reason: 'garbage', detail })
}

function close(reason: CloseReason, detail: string, tell?: Frame): ConnectionStep {
  return { state: { phase: 'closed' }, effects: [{ type: 'close', reason, detail, tell }] }
}
