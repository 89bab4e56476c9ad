import type { HealthState } from '@hotspare/core'
import type { Detector } from './detector.ts'

/** What a path goes by. */
export interface PathRules {
  /** Beats in a row that bring a silent path back; first contact and a restarted peer need one. */
  readonly rise: number
  /** As it is before anything was heard. */
  readonly detector: Detector
}

/** One way between this node and a peer. `degraded` is one-way: we hear the peer, it does not hear us. */
export interface PathState {
  readonly name: string
  readonly state: HealthState
  readonly because: string
  /** As `because`, without what sending meets. */
  readonly why: string
  readonly detector: Detector
  /** The session of the last beat that counted. */
  readonly session: string | undefined
  readonly heardMs: number | undefined
  /** Silence is counted from here: the last beat, the start, the end of a pause of our own. */
  readonly quietFromMs: number
  /** Before this we have not sent, so the peer cannot have heard us: the start, the end of a pause of our own. */
  readonly sendingFromMs: number
  /** Beats in a row since it went down. */
  readonly returning: number
  /** Reports in a row that the peer hears us. */
  readonly hearing: number
  /** What was sent before this proves nothing: the process was known to be gone. */
  readonly provenFromMs: number
  /** The last authentic packet that was no sign of life, and what it was. */
  readonly unproven: { readonly atMs: number; readonly why: string } | undefined
  /** Why sending fails, while it does. */
  readonly sendFault: string | undefined
}

/** A beat that counts, as it matters to the verdict. */
export interface HeardBeat {
  readonly session: string
  /** Not before this was it sent, by our clock. */
  readonly sentMs: number
  /** For how long the peer has not heard us on this path, as it says. */
  readonly deafForMs: number
}

/** How this node itself ran lately. */
export interface OwnTiming {
  /** It did not run for so long that silence proves nothing. */
  readonly paused: boolean
  /** What came in during this time may still lie unread in the socket. */
  readonly unreadMs: number
}

export function initialPath(name: string, rules: PathRules, atMs: number): PathState {
  const why = `not heard yet on path ${name}`
  return {
    name,
    state: 'unknown',
    because: why,
    why,
    detector: rules.detector,
    session: undefined,
    heardMs: undefined,
    quietFromMs: atMs,
    sendingFromMs: atMs,
    returning: 0,
    hearing: 0,
    provenFromMs: atMs,
    unproven: undefined,
    sendFault: undefined,
  }
}

export function beatHeard(path: PathState, beat: HeardBeat, atMs: number, rules: PathRules): PathState {
  const sameProcess = path.session === undefined || path.session === beat.session
  // It was on its way when the process died; a new process has nothing to disprove.
  if (sameProcess && beat.sentMs < path.provenFromMs) return path
  const alive = path.state === 'up' || path.state === 'degraded'
  const anew = path.session !== beat.session
  const sinceMs = atMs - (path.heardMs ?? atMs)
  const inARow = !anew && sinceMs < path.detector.limitMs
  const returning = alive ? 0 : (inARow ? path.returning : 0) + 1
  const deafForMs = Math.min(beat.deafForMs, atMs - path.sendingFromMs)
  const hearing = deafForMs < path.detector.limitMs ? path.hearing + 1 : 0
  // A gap is learnt when it was the peer's alone: not across a restart, an outage or a pause of our own.
  const learnable = alive && inARow && path.quietFromMs === path.heardMs
  const next: PathState = {
    ...path,
    detector: learnable ? path.detector.learn(sinceMs) : path.detector,
    session: beat.session,
    heardMs: atMs,
    quietFromMs: atMs,
    returning,
    hearing,
  }
  if (!alive && returning < (anew ? 1 : rules.rise)) return next
  // One report that it hears us again is not enough to call a one-way path whole, as one beat is not for a silent one.
  const oneWay = hearing === 0 || (path.state === 'degraded' && hearing < rules.rise)
  return oneWay
    ? withState(next, 'degraded', `it hears nothing from us on path ${path.name}`)
    : withState(next, 'up', `beats arrive on path ${path.name}`)
}

/** Looks whether the silence has become too long. */
export function pathWatched(path: PathState, own: OwnTiming, atMs: number): PathState {
  if (own.paused) return { ...path, quietFromMs: atMs, sendingFromMs: atMs }
  if (path.state === 'down' || atMs - path.quietFromMs - own.unreadMs < path.detector.limitMs) return path
  const silence = path.heardMs === undefined ? 'since our start' : `for ${Math.round(atMs - path.heardMs)} ms`
  const recent = path.unproven && atMs - path.unproven.atMs < path.detector.limitMs ? `: ${path.unproven.why}` : ''
  return withState({ ...path, returning: 0, hearing: 0 }, 'down', `no sign of life on path ${path.name} ${silence}${recent}`)
}

/** The peer's process of this session has ended: what it sent before proves nothing, on this path too if it was last heard on another. */
export function processEnded(
  path: PathState,
  ended: { readonly session: string | undefined; readonly because: string },
  atMs: number,
): PathState {
  return withState({ ...path, session: ended.session, provenFromMs: atMs, returning: 0, hearing: 0 }, 'down', ended.because)
}

/** What sending on the path meets, undefined while it works. It changes no state: the peer's reports will. */
export function sendingMeets(path: PathState, fault: string | undefined): PathState {
  return withState({ ...path, sendFault: fault }, path.state, path.why)
}

function withState(path: PathState, state: HealthState, why: string): PathState {
  return { ...path, state, why, because: path.sendFault === undefined ? why : `${why}; sending fails: ${path.sendFault}` }
}
