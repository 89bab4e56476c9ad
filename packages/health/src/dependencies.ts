import type { Clock, EventSource, Listener, Logger, TargetState, Timer } from '@hotspare/core'
import { Emitter, LONGEST_DELAY_MS, systemClock } from '@hotspare/core'
import { z } from 'zod'
import { dependencyDefaults } from './dependencies/defaults.ts'
import { createDependencyGraph, type DependencyGraph, type DependencyOptions } from './dependencies/graph.ts'
import { type DependencyFacts, type EffectiveState, type EffectiveVerdict, resolveDependencies } from './dependencies/resolve.ts'
import { millisecondsOrNone } from './milliseconds.ts'
import { parseOptions } from './options.ts'

export { dependencyDefaults } from './dependencies/defaults.ts'
export { createDependencyGraph, dependenciesSchema } from './dependencies/graph.ts'
export type { Dependency, DependencyGraph, DependencyOptions } from './dependencies/graph.ts'
export { resolveDependencies } from './dependencies/resolve.ts'
export type { DependencyAnswer, DependencyFacts, DependencyQuestion, EffectiveState, EffectiveVerdict } from './dependencies/resolve.ts'

export interface DependencyTrackerOptions {
  /** Every target there is. */
  readonly names: readonly string[]
  /** What leans on what, by the name of the one that leans. */
  readonly dependencies: Readonly<Record<string, DependencyOptions>>
  /** How far apart a cause and its effect may be noticed, in milliseconds: at least as long as the slowest parent takes to be found dead. Default: 5,000 */
  readonly windowMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

/** A target means something else than before. `at` is in milliseconds since the Unix epoch. */
export interface DependencyEvent {
  readonly type: 'dependency-resolved'
  readonly at: number
  readonly targetId: string
  readonly from: EffectiveState
  readonly verdict: EffectiveVerdict
}

/** What a target shows by itself, as a monitor tells it. */
export interface DependencyReport {
  readonly state: TargetState
  readonly because: string
}

const windowSchema = z.strictObject({ windowMs: millisecondsOrNone.default(dependencyDefaults.windowMs) })

const WORKING: ReadonlySet<TargetState> = new Set<TargetState>(['up', 'degraded', 'draining'])

/**
 * Keeps what is known of each target, and tells what it means. The decision is {@link resolveDependencies}; it is taken once
 * for all reports of one moment, so that a cause and a hundred effects that come together make one `down`.
 */
export class DependencyTracker implements EventSource<DependencyEvent>, AsyncDisposable {
  readonly #graph: DependencyGraph
  readonly #windowMs: number
  readonly #clock: Clock
  readonly #emitter: Emitter<DependencyEvent>
  readonly #facts = new Map<string, DependencyFacts>()
  readonly #parents: ReadonlySet<string>
  #verdicts: ReadonlyMap<string, EffectiveVerdict> = new Map()
  /** What the events so far have told. */
  #told: ReadonlyMap<string, EffectiveVerdict>
  /** When to look again even if nothing happens; undefined where nothing is open. */
  #nextMs: number | undefined
  #timer: Timer | undefined
  #stale = false
  #toldSoon = false
  #stopped = false

  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` for an unknown name or a cycle */
  constructor(options: DependencyTrackerOptions) {
    const { names, dependencies, clock = systemClock, logger, ...rest } = options
    this.#graph = createDependencyGraph(names, dependencies)
    this.#windowMs = parseOptions('dependencies', windowSchema, rest).windowMs
    this.#clock = clock
    this.#emitter = new Emitter({ logger })
    this.#parents = new Set([...this.#graph.dependencies.values()].flatMap(({ on }) => on))
    const fresh: DependencyFacts = { state: 'unknown', sinceMs: clock.monotonicMs(), because: 'nothing is known of it yet' }
    for (const name of this.#graph.order) this.#facts.set(name, fresh)
    this.#look()
    this.#told = this.#verdicts
  }

  /** A target has another state. A name that is not in the graph is ignored. */
  update(targetId: string, { state, because }: DependencyReport): void {
    const known = this.#facts.get(targetId)
    if (!known || (known.state === state && known.because === because)) return
    const same = known.state === state || (WORKING.has(known.state) && WORKING.has(state))
    this.#facts.set(targetId, { ...known, state, because, sinceMs: same ? known.sinceMs : this.#clock.monotonicMs() })
    this.#soon()
  }

  /**
   * A probe of a target has passed: whatever leans on it and went down before that probe was started has another cause.
   *
   * @param tookMs how long the probe took, in milliseconds
   */
  passed(targetId: string, tookMs = 0): void {
    const known = this.#facts.get(targetId)
    if (!known) return
    this.#facts.set(targetId, { ...known, passedAtMs: this.#clock.monotonicMs() - tookMs })
    if (this.#nextMs !== undefined && this.#parents.has(targetId)) this.#soon()
  }

  get(targetId: string): EffectiveVerdict | undefined {
    return this.list().get(targetId)
  }

  /** What every target means now, by name; each comes after all that it leans on. */
  list(): ReadonlyMap<string, EffectiveVerdict> {
    if (this.#stale) this.#look()
    return this.#verdicts
  }

  subscribe(listener: Listener<DependencyEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** Ends the timer; events end with it. */
  stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #soon(): void {
    this.#stale = true
    if (this.#toldSoon) return
    this.#toldSoon = true
    this.#arm(0)
  }

  #arm(delayMs: number): void {
    this.#timer?.cancel()
    if (this.#stopped) return
    this.#timer = this.#clock.schedule(Math.min(delayMs, LONGEST_DELAY_MS), () => this.#tell())
  }

  #look(): void {
    const { verdicts, nextMs } = resolveDependencies({
      graph: this.#graph,
      facts: this.#facts,
      previous: this.#verdicts,
      nowMs: this.#clock.monotonicMs(),
      windowMs: this.#windowMs,
    })
    this.#verdicts = verdicts
    this.#nextMs = nextMs
    this.#stale = false
  }

  /** Events come from here alone: whoever asks in between gets the newest answer, and changes the order of none. */
  #tell(): void {
    this.#toldSoon = false
    this.#look()
    if (this.#nextMs !== undefined) this.#arm(Math.max(0, this.#nextMs - this.#clock.monotonicMs()))
    const before = this.#told
    this.#told = this.#verdicts
    const at = this.#clock.wallMs()
    for (const [targetId, verdict] of this.#told) {
      // A listener may have stopped it.
      if (this.#stopped) return
      const last = before.get(targetId)
      if (last && !sameMeaning(last, verdict)) this.#emitter.emit({ type: 'dependency-resolved', at, targetId, from: last.state, verdict })
    }
  }
}

/** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` for an unknown name or a cycle */
export function createDependencyTracker(options: DependencyTrackerOptions): DependencyTracker {
  return new DependencyTracker(options)
}

function sameMeaning(one: EffectiveVerdict, other: EffectiveVerdict): boolean {
  return one.state === other.state && one.settled === other.settled && one.rootCause.join('\n') === other.rootCause.join('\n')
}
