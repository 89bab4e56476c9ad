import { assertNever, type HealthState } from '@hotspare/core'
import { LATE_INTERVALS } from './detection-bound.ts'
import {
  beatHeard,
  type HeardBeat,
  initialPath,
  type OwnTiming,
  type PathRules,
  type PathState,
  pathWatched,
  processEnded,
  sendingMeets,
  unprovenHeard,
} from './path-machine.ts'

/** What a peer's verdict goes by. */
export interface PeerRules extends PathRules {
  readonly intervalMs: number
}

export interface PeerState {
  readonly state: HealthState
  readonly because: string
  /** The session of the last beat that counted, on any path. */
  readonly session: string | undefined
  readonly paths: readonly PathState[]
  readonly lookedMs: number
}

/** What reaches the machine. `path` is an index. */
export type PeerInput =
  | ({ readonly type: 'beat'; readonly path: number } & HeardBeat)
  /** An authentic packet that is no sign of life. `why` is a clause for people. */
  | { readonly type: 'unproven'; readonly path: number; readonly why: string }
  | { readonly type: 'goodbye'; readonly session: string }
  /** The process is gone, as a lost connection tells. `session`: of which the caller knows that, undefined for whichever it is. */
  | { readonly type: 'process-gone'; readonly session: string | undefined; readonly because: string }
  /** What sending on a path meets, undefined when it works. */
  | { readonly type: 'send-fault'; readonly path: number; readonly fault: string | undefined }
  /** Time has passed; comes at least every interval. */
  | { readonly type: 'look' }

/** `unknown` is for the time before the first proof, and never comes back. */
type KnownState = Exclude<HealthState, 'unknown'>

/** What the machine asks of its runner: to tell of a change. */
export type PeerEffect =
  | { readonly type: 'path'; readonly path: number; readonly from: HealthState; readonly to: KnownState; readonly because: string }
  | { readonly type: 'restart'; readonly session: string; readonly previous: string }
  | { readonly type: 'peer'; readonly from: HealthState; readonly to: KnownState; readonly because: string }

export interface PeerStep {
  readonly state: PeerState
  readonly effects: readonly PeerEffect[]
}

export function initialPeer(paths: readonly string[], rules: PeerRules, atMs: number): PeerState {
  const states = paths.map((name) => initialPath(name, rules, atMs))
  return { ...summary(states, undefined), session: undefined, paths: states, lookedMs: atMs }
}

/**
 * The verdict on one peer. Each path is judged alone; the peer is up when every path is up, down when all are silent,
 * degraded between. A path that was not heard yet, and is still within its time, stands aside.
 */
export function step(state: PeerState, input: PeerInput, atMs: number, rules: PeerRules): PeerStep {
  switch (input.type) {
    case 'beat': {
      // A process that wakes may read its socket before it looks at its watch.
      const own = ownTiming(state.lookedMs, atMs, rules)
      return concluded(
        state,
        onPath(state, input.path, (path) => beatHeard(path, input, own, atMs, rules)),
      )
    }
    case 'unproven':
      return concluded(
        state,
        onPath(state, input.path, (path) => unprovenHeard(path, input.why, atMs)),
      )
    case 'send-fault':
      return concluded(
        state,
        onPath(state, input.path, (path) => sendingMeets(path, input.fault)),
      )
    case 'goodbye':
      return concluded(state, ended(state, input.session, 'it said goodbye', atMs))
    case 'process-gone':
      if (input.session !== undefined && state.session !== undefined && input.session !== state.session) return { state, effects: [] }
      return concluded(state, ended(state, state.session ?? input.session, input.because, atMs))
    case 'look':
      return concluded(state, looked(state, atMs, rules))
    default:
      return assertNever(input)
  }
}

/**
 * How this node ran since its last look. Of a late look one interval counts: so a peer is never held to account for time in which we
 * did not run, and however often we are late, a dead one is found out.
 */
function ownTiming(lookedMs: number, atMs: number, { intervalMs }: Pick<PeerRules, 'intervalMs'>): OwnTiming {
  const late = atMs - lookedMs > LATE_INTERVALS * intervalMs
  return { late, mostMs: late ? intervalMs : Infinity }
}

function looked(state: PeerState, atMs: number, rules: PeerRules): PeerState {
  const own = ownTiming(state.lookedMs, atMs, rules)
  return { ...state, paths: state.paths.map((path) => pathWatched(path, own, atMs)), lookedMs: atMs }
}

function ended(state: PeerState, session: string | undefined, because: string, atMs: number): PeerState {
  return { ...state, paths: state.paths.map((path) => processEnded(path, { session, because }, atMs)) }
}

function onPath(state: PeerState, index: number, change: (path: PathState) => PathState): PeerState {
  return { ...state, paths: state.paths.map((path, at) => (at === index ? change(path) : path)) }
}

/** Draws the peer's verdict from its paths, and tells what has changed. */
function concluded(before: PeerState, after: PeerState): PeerStep {
  const effects: PeerEffect[] = []
  let { session } = before
  after.paths.forEach((path, index) => {
    const was = before.paths[index]
    if (!was) return
    if (path.session !== was.session && path.session !== undefined) session = path.session
    if (path.state !== was.state && path.state !== 'unknown') {
      effects.push({ type: 'path', path: index, from: was.state, to: path.state, because: path.because })
    }
  })
  if (session !== undefined && before.session !== undefined && session !== before.session) {
    effects.push({ type: 'restart', session, previous: before.session })
  }
  const { state, because } = summary(after.paths, session)
  if (state !== before.state && state !== 'unknown') effects.push({ type: 'peer', from: before.state, to: state, because })
  return { state: { ...after, state, because, session }, effects }
}

function summary(paths: readonly PathState[], session: string | undefined): { readonly state: HealthState; readonly because: string } {
  const state = summaryState(paths, session)
  // In a verdict that is not `up`, what is well explains nothing.
  const telling = paths
    .filter((path) => state === 'up' || path.state !== 'up')
    .filter((path) => state === 'unknown' || path.state !== 'unknown')
  return { state, because: [...new Set(telling.map((path) => path.because))].join('; ') }
}

function summaryState(paths: readonly PathState[], session: string | undefined): HealthState {
  const has = (state: HealthState) => paths.some((path) => path.state === state)
  // A peer that was heard on one path, and is silent on it, does not become unknown for the sake of another.
  if (!has('up') && !has('degraded')) return has('unknown') && session === undefined ? 'unknown' : 'down'
  return has('degraded') || has('down') ? 'degraded' : 'up'
}
