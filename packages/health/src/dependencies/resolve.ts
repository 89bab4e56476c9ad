import type { TargetState } from '@hotspare/core'
import type { DependencyGraph } from './graph.ts'

/** What is known of one target by itself. */
export interface DependencyFacts {
  readonly state: TargetState
  /** Since when it has been in this state, by the monotonic clock; `up`, `degraded` and `draining` are one: it works. */
  readonly sinceMs: number
  /** One clause for people. */
  readonly because: string
  /** When a probe of it was started that passed: the last one, by the monotonic clock. */
  readonly passedAtMs?: number | undefined
}

/** `unreachable`: it is down, or unknown, because something is that it leans on. */
export type EffectiveState = TargetState | 'unreachable'

/** What a target's state means, given all others'. */
export interface EffectiveVerdict {
  readonly state: EffectiveState
  readonly because: string
  /** Where the fault is: its own name where it is down by itself, the names at the root where it is unreachable; else empty. */
  readonly rootCause: readonly string[]
  /** False while it is down and something it leans on may turn out to be the cause: route around it now, wake nobody yet. */
  readonly settled: boolean
}

export interface DependencyQuestion {
  readonly graph: DependencyGraph
  /** A target without facts is `unknown`. */
  readonly facts: ReadonlyMap<string, DependencyFacts>
  /** What was answered last; empty at first. */
  readonly previous: ReadonlyMap<string, EffectiveVerdict>
  readonly nowMs: number
  /** How far apart a cause and its effect may be noticed, in milliseconds, whichever is first. */
  readonly windowMs: number
}

export interface DependencyAnswer {
  readonly verdicts: ReadonlyMap<string, EffectiveVerdict>
  /** When to ask again even if nothing happens, by the monotonic clock. */
  readonly nextMs: number | undefined
}

const UNKNOWN: DependencyFacts = { state: 'unknown', sinceMs: 0, because: 'nothing is known of it yet' }

const FAILED: ReadonlySet<EffectiveState> = new Set<EffectiveState>(['down', 'unreachable', 'maintenance'])

/** Nobody mends more at once. */
const ROOTS_TOLD = 16

/**
 * Tells causes from effects: one `down` where the fault is, `unreachable` for what leans on it, whichever was noticed first.
 *
 * - What works, works: a target that answers is left as it is, whatever is down below it.
 * - A target that is down or unknown is `unreachable` while fewer of its parents work than it needs. Parents that are down,
 *   unreachable or in maintenance do not work. One that failed more than a window **after** the target is not its cause.
 * - A target that is down before any of its parents is `down` at once, and not `settled` until the window is over or enough
 *   of its parents have passed a probe that was started later. A parent that fails meanwhile makes it `unreachable`.
 * - Once unreachable, it stays so until its parents work again, and a window longer: it must have time to be seen.
 */
export function resolveDependencies({ graph, facts, previous, nowMs, windowMs }: DependencyQuestion): DependencyAnswer {
  const verdicts = new Map<string, EffectiveVerdict>()
  let nextMs: number | undefined
  const askAgainAt = (atMs: number) => {
    nextMs = Math.min(nextMs ?? atMs, atMs)
  }
  const factsOf = (name: string) => facts.get(name) ?? UNKNOWN
  const failed = (name: string) => FAILED.has(verdicts.get(name)?.state ?? 'unknown')
  const rootsOf = (name: string) => {
    const { state, rootCause } = verdicts.get(name) ?? { state: 'unknown', rootCause: [] }
    return state === 'maintenance' ? [name] : rootCause
  }
  /** What is unreachable without being down itself has no time of its own: it is the effect of something earlier. */
  const failedSinceMs = (name: string) => (factsOf(name).state === 'unknown' ? Number.NEGATIVE_INFINITY : factsOf(name).sinceMs)

  function judge(name: string): EffectiveVerdict {
    const { state, sinceMs, because } = factsOf(name)
    const own = { state, because, rootCause: [], settled: true }
    if (state !== 'down' && state !== 'unknown') return own
    const { on, needed } = graph.dependencies.get(name) ?? { on: [], needed: 0 }
    const last = previous.get(name)
    const wasUnreachable = last?.state === 'unreachable'
    const inTime = (parent: string) => state === 'unknown' || wasUnreachable || failedSinceMs(parent) <= sinceMs + windowMs
    const causes = on.filter((parent) => failed(parent) && inTime(parent))
    if (on.length - causes.length < needed) {
      const rootCause = firstRoots(causes, rootsOf)
      return { state: 'unreachable', because: leaning(on, needed, causes), rootCause, settled: true }
    }
    if (state === 'unknown') return own
    const backSinceMs = on.filter((parent) => !failed(parent)).map((parent) => factsOf(parent).sinceMs)
    const graceUntilMs = metSinceMs(backSinceMs, needed) + windowMs
    if (wasUnreachable && nowMs < graceUntilMs) {
      askAgainAt(graceUntilMs)
      return { ...last, because: 'what it leans on has only just come back' }
    }
    const proven = on.filter((parent) => (factsOf(parent).passedAtMs ?? Number.NEGATIVE_INFINITY) > sinceMs)
    const settled = proven.length >= needed || nowMs >= sinceMs + windowMs
    if (!settled) askAgainAt(sinceMs + windowMs)
    return { ...own, rootCause: [name], settled }
  }

  for (const name of graph.order) verdicts.set(name, judge(name))
  return { verdicts, nextMs }
}

/** As many different names as are told. It looks no further: in a graph of 10,000 names with 64 parents each that would take a second. */
function firstRoots(causes: readonly string[], rootsOf: (name: string) => readonly string[]): readonly string[] {
  const first = new Set<string>()
  for (const cause of causes) {
    for (const root of rootsOf(cause)) {
      first.add(root)
      if (first.size === ROOTS_TOLD) return [...first]
    }
  }
  return [...first]
}

/** When the last of those came back that it takes: the `needed`-th of their times. */
function metSinceMs(sinceMs: readonly number[], needed: number): number {
  return sinceMs.toSorted((a, b) => a - b)[needed - 1] ?? Number.NEGATIVE_INFINITY
}

function leaning(on: readonly string[], needed: number, causes: readonly string[]): string {
  if (on.length === 1) return `it leans on ${clipped(on)}, which does not work`
  const need = needed === on.length ? 'it leans on all of' : `it takes ${needed} of`
  return `${need} ${clipped(on)}, and ${clipped(causes)} ${causes.length === 1 ? 'does' : 'do'} not work`
}

/** As many names as fit a clause. */
function clipped(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}
