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
  /** As `because`, without what comes instead of a sign of life and what sending meets. */
  readonly why: string
  readonly detector: Detector
  /** The session of the last beat that counted. */
  readonly session: string | undefined
  readonly heardMs: number | undefined
  /** For how long we have listened in vain since the last beat or the start. Time in which we did not run is not in it. */
  readonly silentMs: number
  /** For how long we have been sending and the peer has not heard us, by what it reports at the most. */
  readonly deafMs: number
  /** Time up to this one is counted in the two. */
  readonly countedMs: number
  /** Whether we were late since the last beat: a gap after it is not the peer's alone. */
  readonly wasLate: boolean
  /** Beats in a row since it went down. */
  readonly returning: number
  /** Reports in a row that the peer hears us. */
  readonly hearing: number
  /** What was sent before this proves nothing: the process was known to be gone. */
  readonly provenFromMs: number
  /** Whether it is down because its process is known to have ended, and not for its silence. */
  readonly ended: boolean
  /** The last authentic packet that was no sign of life, and what it was; forgotten when none follows. */
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

/** How this node itself ran since its last look. */
export interface OwnTiming {
  /** It did not run for a while: what came in meanwhile may still lie unread in the socket. */
  readonly late: boolean
  /** How much of that time counts, at most: in the rest it may have heard and sent nothing. */
  readonly mostMs: number
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
    silentMs: 0,
    deafMs: 0,
    countedMs: atMs,
    wasLate: false,
    returning: 0,
    hearing: 0,
    provenFromMs: atMs,
    ended: false,
    unproven: undefined,
    sendFault: undefined,
  }
}

export function beatHeard(path: PathState, beat: HeardBeat, own: OwnTiming, atMs: number, rules: PathRules): PathState {
  const sameProcess = path.session === undefined || path.session === beat.session
  // It was on its way when the process died; a new process has nothing to disprove.
  if (sameProcess && beat.sentMs < path.provenFromMs) return path
  const alive = path.state === 'up' || path.state === 'degraded'
  const anew = path.session !== beat.session
  const sinceMs = atMs - (path.heardMs ?? atMs)
  const inARow = !anew && sinceMs < path.detector.limitMs
  const returning = alive ? 0 : (inARow ? path.returning : 0) + 1
  const deafMs = Math.min(beat.deafForMs, path.deafMs + countedSince(path, own, atMs))
  const hearing = deafMs < path.detector.limitMs ? path.hearing + 1 : 0
  // A gap is learnt when it was the peer's alone: not across a restart, an outage or a pause of our own.
  const learnable = alive && inARow && !path.wasLate && !own.late
  const next: PathState = {
    ...path,
    detector: learnable ? path.detector.learn(sinceMs) : path.detector,
    session: beat.session,
    heardMs: atMs,
    silentMs: 0,
    deafMs,
    countedMs: atMs,
    wasLate: false,
    returning,
    hearing,
  }
  if (!alive && returning < (anew ? 1 : rules.rise)) return next
  // One report that it hears us again is not enough to call a one-way path whole, as one beat is not for a silent one.
  const oneWay = hearing === 0 || (path.state === 'degraded' && hearing < rules.rise)
  return oneWay
    ? withState({ ...next, ended: false }, 'degraded', `it hears nothing from us on path ${path.name}`)
    : withState({ ...next, ended: false }, 'up', `beats arrive on path ${path.name}`)
}

/** Looks whether the silence has become too long. It is counted while we listen, and nothing but a beat sets it back. */
export function pathWatched(path: PathState, own: OwnTiming, atMs: number): PathState {
  const passedMs = countedSince(path, own, atMs)
  const recent = path.unproven !== undefined && atMs - path.unproven.atMs < path.detector.limitMs
  const next: PathState = {
    ...path,
    silentMs: path.silentMs + passedMs,
    deafMs: path.deafMs + passedMs,
    countedMs: atMs,
    wasLate: path.wasLate || own.late,
    unproven: recent ? path.unproven : undefined,
  }
  // What a late look has not read yet will be read before the next one, so that one may hold this time against the peer.
  const heldAgainstMs = own.late ? path.silentMs : next.silentMs
  if (path.state === 'down' || heldAgainstMs < path.detector.limitMs) return told(next)
  const silence = path.heardMs === undefined ? 'since our start' : `for ${Math.round(atMs - path.heardMs)} ms`
  return withState({ ...next, returning: 0, hearing: 0 }, 'down', `no sign of life on path ${path.name} ${silence}`)
}

/** An authentic packet came that is no sign of life. */
export function unprovenHeard(path: PathState, why: string, atMs: number): PathState {
  return told({ ...path, unproven: { atMs, why } })
}

/** The peer's process of this session has ended: what it sent before proves nothing, on this path too if it was last heard on another. */
export function processEnded(
  path: PathState,
  ended: { readonly session: string | undefined; readonly because: string },
  atMs: number,
): PathState {
  const next = { ...path, session: ended.session, provenFromMs: atMs, ended: true, returning: 0, hearing: 0 }
  return withState(next, 'down', ended.because)
}

/** What sending on the path meets, undefined while it works. It changes no state: the peer's reports will. */
export function sendingMeets(path: PathState, fault: string | undefined): PathState {
  return told({ ...path, sendFault: fault })
}

/** How much of the time since it was last counted counts. */
function countedSince(path: PathState, own: OwnTiming, atMs: number): number {
  return Math.min(atMs - path.countedMs, own.mostMs)
}

function withState(path: PathState, state: HealthState, why: string): PathState {
  return told({ ...path, state, why })
}

/** Brings `because` to where the rest is. */
function told(path: PathState): PathState {
  const { state, why, ended, unproven, sendFault } = path
  const instead = state === 'down' && !ended && unproven ? `: ${unproven.why}` : ''
  const because = `${why}${instead}${sendFault === undefined ? '' : `; sending fails: ${sendFault}`}`
  return because === path.because ? path : { ...path, because }
}
