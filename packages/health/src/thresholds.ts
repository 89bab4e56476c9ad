import type { Clock, EventSource, Listener, Logger, Verdict } from '@hotspare/core'
import { Emitter, HotspareError, systemClock } from '@hotspare/core'
import { parseOptions } from './options.ts'
import type { ProbeResult } from './probe.ts'
import { thresholdDefaults } from './thresholds/defaults.ts'
import { type ThresholdOptions, thresholdOptionsSchema } from './thresholds/options.ts'
import type { ThresholdRules } from './thresholds/rules.ts'
import { initialThresholdState, stepThreshold, type ThresholdState } from './thresholds/step.ts'

export { thresholdDefaults } from './thresholds/defaults.ts'
export { phaseMeasures, probeMeasures, systemMeasures } from './thresholds/measure-names.ts'
export { thresholdOptionsSchema } from './thresholds/options.ts'
export type { ThresholdOptions } from './thresholds/options.ts'
export type { ThresholdRules, ThresholdStatistic } from './thresholds/rules.ts'
export type { Sample, Usual } from './thresholds/statistic.ts'
export { initialThresholdState, stepThreshold } from './thresholds/step.ts'
export type { ThresholdEffect, ThresholdState, ThresholdStep } from './thresholds/step.ts'

/** What the watch tells. `at` is in milliseconds since the Unix epoch. */
export interface ThresholdEvent {
  readonly type: 'threshold-exceeded' | 'threshold-cleared'
  readonly at: number
  readonly targetId: string
  /** The name under which the threshold was added. */
  readonly threshold: string
  readonly value: number
  readonly because: string
}

/** One threshold as it stands. */
export interface ThresholdReading extends Verdict<'normal' | 'exceeded' | 'unknown'> {
  readonly threshold: string
  /** Undefined while there are too few samples. */
  readonly value: number | undefined
  readonly rules: ThresholdRules
}

export interface ThresholdWatchOptions {
  readonly clock?: Clock | undefined
  readonly logger?: Logger | undefined
}

interface Watched {
  readonly rules: ThresholdRules
  state: ThresholdState
  verdict: Verdict<'normal' | 'exceeded' | 'unknown'>
}

/** Holds what probes measure against limits. The decision is {@link stepThreshold}; there is no timer: samples drive it. */
export class ThresholdWatch implements EventSource<ThresholdEvent> {
  readonly #clock: Clock
  readonly #emitter: Emitter<ThresholdEvent>
  readonly #targets = new Map<string, Map<string, Watched>>()

  constructor(options: ThresholdWatchOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#emitter = new Emitter({ logger: options.logger })
  }

  /**
   * @param threshold a name, unique for the target
   * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`, `HOTSPARE_HEALTH_DUPLICATE`
   */
  add(targetId: string, threshold: string, options: ThresholdOptions): void {
    const who = `threshold ${threshold} of ${targetId}`
    const rules = parseOptions(who, thresholdOptionsSchema, options)
    const known = this.#targets.get(targetId) ?? new Map<string, Watched>()
    if (known.has(threshold)) {
      throw new HotspareError({ code: 'HOTSPARE_HEALTH_DUPLICATE', message: `${who}: added twice: names are unique` })
    }
    if (known.size >= thresholdDefaults.maxThresholds) {
      const message = `${who}: a target has ${thresholdDefaults.maxThresholds} thresholds at most`
      throw new HotspareError({ code: 'HOTSPARE_HEALTH_OPTIONS', message })
    }
    const verdict = { state: 'unknown' as const, since: this.#clock.wallMs(), because: 'too little has been measured' }
    known.set(threshold, { rules, state: initialThresholdState, verdict })
    this.#targets.set(targetId, known)
  }

  /** Forgets a target and its thresholds. @returns whether there was one */
  remove(targetId: string): boolean {
    return this.#targets.delete(targetId)
  }

  /** Takes what was measured, by names. Names that no threshold asks for, and unknown targets, are ignored. */
  report(targetId: string, measures: Readonly<Record<string, number>>): void {
    const atMs = this.#clock.monotonicMs()
    const thresholds = this.#targets.get(targetId)
    for (const [threshold, watched] of thresholds ?? []) {
      // A listener may have removed the target.
      if (this.#targets.get(targetId) !== thresholds) return
      const { measure } = watched.rules
      const value = Object.hasOwn(measures, measure) ? measures[measure] : undefined
      if (value !== undefined) this.#take(targetId, threshold, watched, { value, atMs })
    }
  }

  /** Takes a probe's result: {@link measuresOf}. */
  reportResult(targetId: string, result: ProbeResult): void {
    this.report(targetId, measuresOf(result))
  }

  /** What the thresholds make of a target: `degraded` while one is exceeded, `unknown` while all measure too little; undefined where it has none. */
  get(targetId: string): Verdict<'up' | 'degraded' | 'unknown'> | undefined {
    const readings = this.list(targetId)
    const exceeded = readings.filter(({ state }) => state === 'exceeded')
    const because = exceeded.map((reading) => reading.because).join('; ')
    if (readings.length === 0) return undefined
    if (exceeded.length > 0) return { state: 'degraded', since: earliest(exceeded), because }
    const known = readings.filter(({ state }) => state === 'normal')
    if (known.length === 0) return { state: 'unknown', since: earliest(readings), because: 'too little has been measured' }
    return { state: 'up', since: Math.max(...known.map((reading) => reading.since)), because: 'no threshold is exceeded' }
  }

  /** Every threshold of a target, in the order in which they were added. */
  list(targetId: string): readonly ThresholdReading[] {
    return [...(this.#targets.get(targetId) ?? [])].map(([threshold, { rules, state, verdict }]) => ({
      threshold,
      ...verdict,
      value: state.value,
      rules,
    }))
  }

  subscribe(listener: Listener<ThresholdEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  #take(targetId: string, threshold: string, watched: Watched, sample: { readonly value: number; readonly atMs: number }): void {
    const { state, effects } = stepThreshold(watched.state, sample, watched.rules)
    watched.state = state
    const at = this.#clock.wallMs()
    if (watched.verdict.state === 'unknown' && state.value !== undefined) {
      watched.verdict = { state: 'normal', since: at, because: 'it is within its limit' }
    }
    for (const { type, value, because } of effects) {
      watched.verdict = { state: type === 'exceeded' ? 'exceeded' : 'normal', since: at, because }
      this.#emitter.emit({ type: `threshold-${type}`, at, targetId, threshold, value, because })
    }
  }
}

/** A watch without any threshold yet. */
export function createThresholdWatch(options: ThresholdWatchOptions = {}): ThresholdWatch {
  return new ThresholdWatch(options)
}

function earliest(readings: readonly ThresholdReading[]): number {
  return Math.min(...readings.map(({ since }) => since))
}

/**
 * What a result says in numbers: its measures; where the target has answered, also `duration-ms`, and each phase by its name
 * (`connect-ms`). How long a failure took is no latency, and a result that counts for nothing measures nothing.
 */
export function measuresOf(result: ProbeResult): Readonly<Record<string, number>> {
  if (result.outcome === 'inconclusive') return {}
  if (result.outcome === 'fail') return { ...result.measures }
  const phases = (result.phases ?? []).map(({ name, tookMs }) => [`${name}-ms`, tookMs] as const)
  return { ...Object.fromEntries(phases), 'duration-ms': result.durationMs, ...result.measures }
}
