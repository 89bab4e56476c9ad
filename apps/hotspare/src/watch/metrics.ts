import type { Attributes, BatchObservableResult, Meter, ObservableGauge } from '@opentelemetry/api'
import type { HealthState } from '@hotspare/core'
import type { ProbeResult } from '@hotspare/health'
import { namesOf, type Subject, targetOfAgent } from './subject.ts'

const HEALTH_STATES: readonly HealthState[] = ['up', 'degraded', 'down', 'unknown']

/** One of what is watched, as a scrape shows it. */
export interface WatchedGauges {
  readonly subject: Subject
  readonly state: HealthState
  readonly isUnreachable: boolean
  readonly hasWarning: boolean
  /** The share of its weight that it asks for. */
  readonly weight: number | undefined
  readonly last: ProbeResult | undefined
  readonly thresholds: readonly { readonly name: string; readonly isExceeded: boolean }[]
}

/** Read at the moment of a scrape. */
export interface WatchGauges {
  readonly watched: () => readonly WatchedGauges[]
  readonly observerIsWell: () => boolean
}

/** Names that one target or check may have for its numbers: a job could make up others each time, and each is a series for good. */
const MAX_MEASURES = 64

/** What a result is counted under: its target, its check, or the target whose agent was asked. */
export function probeLabels(id: string, checks: ReadonlySet<string>): Attributes {
  const target = targetOfAgent(id)
  if (target !== undefined) return { agent: target }
  return checks.has(id) ? { check: id } : { target: id }
}

/**
 * What is watched, in numbers. Names come from the configuration, from the packages' measures and from jobs, of which each has
 * a bound. How long things took is shown as it was the last time: a histogram of each phase of each target would be the
 * larger part of all series.
 */
export function addWatchMetrics(meter: Meter, gauges: WatchGauges): void {
  const gauge = (name: string, description: string) => meter.createObservableGauge(`hotspare_${name}`, { description })
  const checkUp = gauge('check_up', 'Whether a check is up or degraded')
  const checkState = gauge('check_state', 'The state of a check: 1 for the one it is in, 0 for the others')
  const unreachable = gauge('watched_unreachable', 'Whether a target or a check cannot be reached because of something that it leans on')
  const warning = gauge('watched_warning', 'Whether there is a warning of a target or a check')
  const weight = gauge('target_weight_ratio', 'The share of its weight that a target asks for')
  const duration = gauge('probe_duration_seconds', 'How long the last probe took')
  const phase = gauge('probe_phase_seconds', 'How long each phase of a probe took, the last time that it came to it')
  const measure = gauge('probe_measure', 'What was measured last; the name of the measure ends in its unit')
  const certificate = gauge('certificate_days', 'Days until the certificate ends that was seen last')
  const threshold = gauge('threshold_exceeded', 'Whether a target or a check is beyond a limit on what is measured')
  const observer = gauge('observer_well', 'Whether this node can judge what it sees')

  const measureNames = new Map<string, Set<string>>()

  function observe(result: BatchObservableResult, watched: WatchedGauges): void {
    const { subject, state, isUnreachable, hasWarning, last, thresholds } = watched
    const labels = namesOf(subject)
    const show = (of: ObservableGauge, value: number | boolean, more: Attributes = {}) =>
      result.observe(of, Number(value), { ...labels, ...more })
    if (subject.kind === 'check') {
      show(checkUp, state === 'up' || state === 'degraded')
      for (const each of HEALTH_STATES) show(checkState, each === state, { state: each })
    } else if (watched.weight !== undefined) show(weight, watched.weight)
    show(unreachable, isUnreachable)
    show(warning, hasWarning)
    for (const { name, isExceeded } of thresholds) show(threshold, isExceeded, { threshold: name })
    if (!last) return
    show(duration, last.durationMs / 1_000)
    for (const { name, tookMs } of last.phases ?? []) show(phase, tookMs / 1_000, { phase: name })
    for (const [name, value] of Object.entries(last.measures ?? {})) {
      if (name === 'certificate-days') show(certificate, value)
      if (isShown(subject.id, name)) show(measure, value, { measure: name })
    }
  }

  function isShown(id: string, name: string): boolean {
    const names = measureNames.get(id) ?? new Set<string>()
    measureNames.set(id, names)
    if (names.size < MAX_MEASURES) names.add(name)
    return names.has(name)
  }

  const all = [checkUp, checkState, unreachable, warning, weight, duration, phase, measure, certificate, threshold, observer]
  meter.addBatchObservableCallback((result) => {
    result.observe(observer, gauges.observerIsWell() ? 1 : 0)
    for (const watched of gauges.watched()) observe(result, watched)
  }, all)
}
