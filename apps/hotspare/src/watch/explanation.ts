import type { ProbeRun, Unreachable, WatchExplanation } from '@hotspare/api'
import { formatDuration } from '@hotspare/core'
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
  /** What it leans on, and how that is. */
  readonly leaning?: Leaning | undefined
  /** What becomes of its silence, where that is no failed probe: nothing, or a report is missing after so long. */
  readonly silence?: 'nothing' | { readonly noticedWithinMs: number } | undefined
}

export interface Leaning {
  readonly on: readonly { readonly name: string; readonly state: string }[]
  readonly need: 'all' | 'any' | number
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

function wordsOf(facts: ExplanationFacts): string[] {
  const { health, standing, agent, thresholds = [], meaning, observersSay, leaning, silence } = facts
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
    ...explain(health, { detection: silence === undefined }),
    ...(typeof silence === 'object' ? [`a report that is missing is noticed within ${formatDuration(silence.noticedWithinMs)}`] : []),
    ...(leaning ? [leaningText(leaning)] : []),
    ...thresholds.map(thresholdText),
    ...(agent ? ['its agent:', ...agentText(agent, id).map((line) => `  ${line}`)] : []),
  ]
}

/** What an agent has said holds until it says something else: its silence is noticed by nobody. */
function agentText(agent: TargetHealth, targetId: string): string[] {
  return explain({ ...agent, id: `the agent of ${targetId}` }, { detection: false })
}

/** More are not read by anybody: those that do not work come first. */
const LEANING_TOLD = 8

function leaningText({ on, need }: Leaning): string {
  const broken = on.filter(({ state }) => state !== 'up')
  const told = [...broken, ...on.filter(({ state }) => state === 'up')].slice(0, LEANING_TOLD)
  const names = told.map(({ name, state }) => `${name} (${state})`).join(', ')
  const rest = on.length > told.length ? ` and ${on.length - told.length} more` : ''
  return `it leans on ${need === 'all' || on.length === 1 ? '' : `${need} of `}${names}${rest}`
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
