import type { Clock, EventSource, HealthState, Listener, Logger, Random, Timer, Verdict } from '@hotspare/core'
import { abortReason, assertNever, Emitter, HotspareError, LONGEST_DELAY_MS, systemClock, systemRandom } from '@hotspare/core'
import { parseOptions } from './options.ts'
import { outlierDefaults } from './outliers/defaults.ts'
import { initialOutlierState, nextEndMs, stepOutliers } from './outliers/machine.ts'
import { type OutlierOptions, outlierOptionsSchema } from './outliers/options.ts'
import { outcomeOf, type OutlierReport } from './outliers/outcome.ts'
import type { OutlierCause, OutlierEffect, OutlierInput, OutlierRules, OutlierState } from './outliers/state.ts'
import { RequestWindow } from './outliers/window.ts'

export { outlierDefaults } from './outliers/defaults.ts'
export { initialOutlierState, stepOutliers } from './outliers/machine.ts'
export { outlierOptionsSchema } from './outliers/options.ts'
export type { OutlierOptions } from './outliers/options.ts'
export { outcomeOf } from './outliers/outcome.ts'
export type { OutlierReport, RequestOutcome } from './outliers/outcome.ts'
export type {
  JudgedWindow,
  OutlierCause,
  OutlierEffect,
  OutlierInput,
  OutlierRules,
  OutlierState,
  OutlierStep,
  OutlierTarget,
} from './outliers/state.ts'
export type { TargetTable } from './outliers/target-table.ts'
export type { WindowCounts } from './outliers/window.ts'

/** `backing-off`: the target asks for less; send it something only where nobody else is left. */
export type PassiveState = 'available' | 'backing-off' | 'ejected'

/** What requests show of one target. */
export interface OutlierVerdict extends Verdict<PassiveState> {
  readonly targetId: string
  /** In how many milliseconds it is available again; undefined while it is. */
  readonly remainingMs: number | undefined
}

/** What the detector tells. `at` is in milliseconds since the Unix epoch. */
export type OutlierEvent =
  | {
      readonly type: 'target-ejected'
      readonly at: number
      readonly targetId: string
      readonly cause: OutlierCause
      readonly because: string
      readonly forMs: number
      /** How many in a row, this one included. */
      readonly ejections: number
    }
  | { readonly type: 'target-returned'; readonly at: number; readonly targetId: string; readonly because: string }
  /** A target stands out, and a limit keeps it in. */
  | {
      readonly type: 'ejection-withheld'
      readonly at: number
      readonly targetId: string
      readonly cause: OutlierCause
      readonly because: string
    }
  | { readonly type: 'back-off-started'; readonly at: number; readonly targetId: string; readonly because: string; readonly forMs: number }
  | { readonly type: 'back-off-ended'; readonly at: number; readonly targetId: string; readonly because: string }

export interface OutlierDetectorOptions extends OutlierOptions {
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

interface Watched {
  readonly window: RequestWindow
  verdict: Verdict<PassiveState>
}

/**
 * Passive health of one pool: which targets stand out by what real requests meet. The decisions are {@link stepOutliers};
 * here are the counters, the timer and the events.
 */
export class OutlierDetector implements EventSource<OutlierEvent>, AsyncDisposable {
  readonly #rules: OutlierRules
  readonly #clock: Clock
  readonly #random: Random
  readonly #emitter: Emitter<OutlierEvent>
  readonly #watched = new Map<string, Watched>()
  #state: OutlierState = initialOutlierState
  #timer: Timer | undefined
  #sweepMs: number | undefined

  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
  constructor(options: OutlierDetectorOptions = {}) {
    const { clock = systemClock, random = systemRandom, logger, ...rest } = options
    this.#rules = parseOptions('outlier detector', outlierOptionsSchema, rest)
    this.#clock = clock
    this.#random = random
    this.#emitter = new Emitter({ logger })
  }

  /**
   * Which targets the pool has. Those that it had before keep what is known of them.
   *
   * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` for more than 10,000
   */
  setTargets(ids: Iterable<string>): void {
    const wanted = new Set(ids)
    if (wanted.size > outlierDefaults.maxTargets) {
      throw new HotspareError({
        code: 'HOTSPARE_HEALTH_OPTIONS',
        message: `outlier detector: ${wanted.size} targets: no pool has more than ${outlierDefaults.maxTargets}`,
      })
    }
    for (const id of this.#watched.keys()) if (!wanted.has(id)) this.#watched.delete(id)
    for (const id of wanted) {
      if (this.#watched.has(id)) continue
      const verdict: Verdict<PassiveState> = { state: 'available', since: this.#clock.wallMs(), because: 'nothing speaks against it' }
      this.#watched.set(id, { window: new RequestWindow(), verdict })
    }
    this.#step({ type: 'targets', ids: wanted, atMs: this.#clock.monotonicMs() })
  }

  /** What a request met. A report on an unknown id is ignored: the target may just have been removed. */
  report(targetId: string, report: OutlierReport): void {
    const window = this.#watched.get(targetId)?.window
    // What an ejected target still answers was sent before, and says nothing new.
    if (!window || this.#state.targets.get(targetId)?.ejectedUntilMs !== undefined) return
    const outcome = outcomeOf(report)
    switch (outcome) {
      case 'success':
        window.successes++
        if (report.latencyMs !== undefined) window.timed(report.latencyMs)
        break
      case 'failure':
        window.failures++
        break
      case 'local-failure':
        window.localFailures++
        break
      case 'throttled':
        window.throttled++
        break
      default:
        assertNever(outcome)
    }
    const jitter = outcome === 'success' ? 0 : this.#random.next()
    const { retryAfterMs } = report
    this.#step({ type: 'report', targetId, outcome, retryAfterMs, atMs: this.#clock.monotonicMs(), jitter })
  }

  /** What active probes hold of a target: one that is down is nobody to fall back on. */
  setHealth(targetId: string, health: HealthState): void {
    this.#step({ type: 'health', targetId, health, atMs: this.#clock.monotonicMs() })
  }

  /** An active probe of a target has passed; by `returnOnPass` that takes back an ejection. */
  probePassed(targetId: string): void {
    this.#step({ type: 'pass', targetId, atMs: this.#clock.monotonicMs() })
  }

  get(targetId: string): OutlierVerdict | undefined {
    const watched = this.#watched.get(targetId)
    const target = this.#state.targets.get(targetId)
    if (!watched || !target) return undefined
    const untilMs = target.ejectedUntilMs ?? target.backOffUntilMs
    const remainingMs = untilMs === undefined ? undefined : Math.max(0, untilMs - this.#clock.monotonicMs())
    return { targetId, ...watched.verdict, remainingMs }
  }

  /** All targets, in the order in which they were given. */
  verdicts(): readonly OutlierVerdict[] {
    return [...this.#state.targets.ids()].flatMap((id) => this.get(id) ?? [])
  }

  subscribe(listener: Listener<OutlierEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** Begins to hold targets against each other, once an interval. Streaks of errors eject before that too, but no ejection ends. */
  start(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    this.#sweepMs ??= this.#clock.monotonicMs() + this.#rules.intervalMs
    this.#arm()
    return Promise.resolve()
  }

  /** Ends the timer. Ejections stand as they are until the next `start()`. */
  stop(): Promise<void> {
    this.#sweepMs = undefined
    this.#arm()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #arm(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#sweepMs === undefined) return
    const dueMs = Math.min(this.#sweepMs, nextEndMs(this.#state) ?? this.#sweepMs)
    const delayMs = Math.min(LONGEST_DELAY_MS, Math.max(0, dueMs - this.#clock.monotonicMs()))
    this.#timer = this.#clock.schedule(delayMs, () => this.#tick())
  }

  #tick(): void {
    const atMs = this.#clock.monotonicMs()
    if (this.#sweepMs !== undefined && atMs >= this.#sweepMs) {
      this.#sweepMs = atMs + this.#rules.intervalMs
      const judged = [...this.#watched].map(([id, { window }]) => [id, { counts: window.take(), jitter: this.#random.next() }] as const)
      this.#step({ type: 'sweep', windows: new Map(judged), atMs })
    } else {
      this.#step({ type: 'clock', atMs })
    }
    this.#arm()
  }

  #step(input: OutlierInput): void {
    const { state, effects } = stepOutliers(this.#state, input, this.#rules)
    this.#state = state
    if (effects.length === 0) return
    const at = this.#clock.wallMs()
    // All verdicts first: a listener may ask for any of them.
    for (const effect of effects) this.#note(effect, at)
    if (this.#sweepMs !== undefined) this.#arm()
    for (const effect of effects) this.#emitter.emit(eventOf(effect, at))
  }

  #note({ type, targetId, because }: OutlierEffect, since: number): void {
    const watched = this.#watched.get(targetId)
    if (!watched || type === 'withheld') return
    watched.verdict = { state: type === 'ejected' ? 'ejected' : type === 'backing-off' ? 'backing-off' : 'available', since, because }
    // What was counted before belongs to the past.
    if (type === 'ejected') watched.window.take()
  }
}

/**
 * Watches one pool: give it the targets, then `start()`.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function createOutlierDetector(options: OutlierDetectorOptions = {}): OutlierDetector {
  return new OutlierDetector(options)
}

function eventOf(effect: OutlierEffect, at: number): OutlierEvent {
  const { targetId, because } = effect
  switch (effect.type) {
    case 'ejected':
      return { type: 'target-ejected', at, targetId, cause: effect.cause, because, forMs: effect.forMs, ejections: effect.ejections }
    case 'returned':
      return { type: 'target-returned', at, targetId, because }
    case 'withheld':
      return { type: 'ejection-withheld', at, targetId, cause: effect.cause, because }
    case 'backing-off':
      return { type: 'back-off-started', at, targetId, because, forMs: effect.forMs }
    case 'back-off-ended':
      return { type: 'back-off-ended', at, targetId, because }
    default:
      return assertNever(effect)
  }
}
