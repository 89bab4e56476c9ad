import type { ProbeRun, Unreachable, WatchExplanation } from '@hotspare/api'
import { explain, explainData, type TargetHealth, type TimedResult } from '@hotspare/health'
import type { EffectiveVerdict } from '@hotspare/health/dependencies'
import type { ThresholdReading } from '@hotspare/health/thresholds'
import type { Standing } from './standings.ts'

/** Everything that says why something is in its state. */
export interface ExplanationFacts {
  readonly health: TargetHealth
  /** Undefined for a service, whose check stands alone. */
  readonly standing?: Standing | undefined
  /** The agent beside a target. */
  readonly agent?: TargetHealth | undefined
  readonly thresholds?: readonly ThresholdReading[] | undefined
  readonly meaning?: EffectiveVerdict | undefined
  /** How many nodes see it so, in words. */
  readonly observersSay?: string | undefined
}

export interface Explained {
  readonly text: readonly string[]
  readonly history: readonly ProbeRun[]
  readonly explanation: WatchExplanation
}

/** Why something is in its state, in words and as data. */
export function explainWatched(facts: ExplanationFacts): Explained {
  const { health } = facts
  return { text: wordsOf(facts), history: health.history.map(probeRun), explanation: dataOf(facts) }
}

function wordsOf({ health, standing, agent, thresholds = [], meaning, observersSay }: ExplanationFacts): string[] {
  const { id, verdict: probed } = health
  const verdict = standing?.verdict ?? probed
  // Where the probe alone decides, its own words say it all.
  const sum =
    verdict.state === probed.state ? [] : [`${id} counts as ${verdict.state} since ${time(verdict.since)}: ${verdict.because}; its probe:`]
  const cause = unreachableOf(meaning)
  return [
    ...(cause ? [`${id} cannot be reached because of ${cause.rootCause.join(', ')}: ${cause.because}`] : []),
    ...(observersSay === undefined ? [] : [observersSay]),
    ...sum,
    ...explain(health),
    ...thresholds.map(thresholdText),
    ...(agent ? ['its agent:', ...explain({ ...agent, id: `the agent of ${id}` }).map((line) => `  ${line}`)] : []),
  ]
}

function thresholdText({ threshold, state, because, value, rules }: ThresholdReading): string {
  const now = value === undefined ? '' : `, now ${round(value)}`
  const limit = `${rules.direction} ${rules.enter} counts, back at ${rules.leave} it is over`
  return `limit ${threshold} on ${rules.measure} is ${state}${now}: ${because} (${limit})`
}

function dataOf({ health, thresholds = [], meaning, standing }: ExplanationFacts): WatchExplanation {
  const { changes, counters, detection, flaps, observer, warning } = explainData(health)
  return {
    changes,
    counters,
    detection,
    flaps,
    thresholds: thresholds.map(({ threshold: name, rules: { measure, enter, leave }, state, since, because, value }) => {
      return { name, measure, state, since, because, value, enter, leave }
    }),
    unreachable: unreachableOf(meaning),
    warning: standing ? standing.warning : warning,
    observer,
  }
}

/** Only what is down, or unknown, because of something else. */
export function unreachableOf(meaning: EffectiveVerdict | undefined): Unreachable | undefined {
  return meaning?.state === 'unreachable' ? { because: meaning.because, rootCause: meaning.rootCause } : undefined
}

export function probeRun({ at, result }: TimedResult): ProbeRun {
  const { outcome, detail, durationMs, phases, measures, warning } = result
  return { at, outcome, reason: outcome === 'fail' ? result.reason : undefined, detail, durationMs, phases, measures, warning }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}

function time(at: number): string {
  return new Date(at).toISOString()
}
