import { assertNever } from '@hotspare/core'
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
      /** Of the last request that came. */
      readonly lastId: number
    }
  | { readonly phase: 'closed' }

export type ConnectionInput =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'garbage'; readonly detail: string }
  | { readonly type: 'tick' }
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
    case 'tick':
      return tick(state, nowMs, rules)
    case 'frame':
      return state.phase === 'greeting' ? hear(input.frame, nowMs, rules) : take(state, input.frame, nowMs, rules)
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
    state: { phase: 'open', peer, heardMs: nowMs, dueMs: nowMs + rules.pingIntervalMs, lastId: 0 },
    effects: [{ type: 'opened', peer }],
  }
}

/** Every later frame. */
function take(state: Extract<ConnectionState, { phase: 'open' }>, frame: Frame, nowMs: number, rules: ConnectionRules): ConnectionStep {
  const heard = { ...state, heardMs: nowMs }
  switch (frame.type) {
    case 'request':
      if (frame.id <= state.lastId) return garbage(`request ${frame.id} after request ${state.lastId}`)
      return { state: { ...heard, lastId: frame.id }, effects: [{ type: 'serve', frame }] }
    case 'cancel':
      return { state: heard, effects: [{ type: 'cancel', id: frame.id }] }
    case 'response':
    case 'error':
      return { state: heard, effects: [{ type: 'settle', frame }] }
    case 'ping':
      return { state: heard, effects: [{ type: 'send', frame: { type: 'pong' } }] }
    case 'pong':
      return { state: heard, effects: [] }
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

function tick(state: Exclude<ConnectionState, { phase: 'closed' }>, nowMs: number, rules: ConnectionRules): ConnectionStep {
  if (nowMs < state.dueMs) return { state, effects: [] }
  if (state.phase === 'greeting') return close('no-hello', `no hello within ${rules.helloTimeoutMs} ms`)
  const { pingIntervalMs, silenceMs } = rules
  // A tick that comes this late means that we ourselves stood still: what was said meanwhile may wait to be read, so the
  // silence begins anew.
  const stoodStill = nowMs - state.dueMs >= pingIntervalMs
  const heardMs = stoodStill ? nowMs : state.heardMs
  const silentMs = nowMs - heardMs
  if (silentMs >= silenceMs) return close('silent', `nothing was heard for ${Math.round(silentMs)} ms`)
  const ping = stoodStill || silentMs >= pingIntervalMs
  return {
    state: { ...state, heardMs, dueMs: Math.min(nowMs + pingIntervalMs, heardMs + silenceMs) },
    effects: ping ? [{ type: 'send', frame: { type: 'ping' } }] : [],
  }
}

function garbage(detail: string): ConnectionStep {
  return close('garbage', detail, { type: 'refused', reason: 'garbage', detail })
}

function close(reason: CloseReason, detail: string, tell?: Frame): ConnectionStep {
  return { state: { phase: 'closed' }, effects: [{ type: 'close', reason, detail, tell }] }
}
