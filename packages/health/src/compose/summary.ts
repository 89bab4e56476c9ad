import type { ProbeAdvice, ProbeFacts, ProbeFailure, ProbeResult } from '../probe.ts'
import { degraded, failed, type Finding, inconclusive, passed, type Remarks } from '../failure.ts'
import { assertNever } from '@hotspare/core'

/** The results that are there, by the names of the parts, in the order of the parts. */
export type PartResults = ReadonlyMap<string, ProbeResult>

/** Which admin state wins where parts disagree. */
const STRICTEST_FIRST = ['maintenance', 'draining', 'ready'] as const

/** Puts an outcome of the whole into words: which parts are not well, and why. */
export function summarise(outcome: ProbeResult['outcome'], results: PartResults, parts: number): Finding {
  const remarks = remarksOf(results)
  switch (outcome) {
    case 'pass':
      return passed(passText(results, parts), remarks)
    case 'degraded':
      return degraded(tell(results, parts, 'fail', 'failed') ?? tell(results, parts, 'degraded', 'degraded') ?? 'degraded', remarks)
    case 'fail':
      return failed(firstReason(results), tell(results, parts, 'fail', 'failed') ?? 'failed', {
        ...remarks,
        // Only where every failure is the part's own word.
        ...(ofOutcome(results, 'fail').every(([, result]) => result.immediate) ? { immediate: true } : {}),
      })
    case 'inconclusive':
      return inconclusive(tell(results, parts, 'inconclusive', 'showed nothing') ?? 'no part showed anything')
    default:
      return assertNever(outcome)
  }
}

function passText(results: PartResults, parts: number): string {
  const good = [...results.values()].filter(({ outcome }) => outcome === 'pass' || outcome === 'degraded').length
  const notWaitedFor = parts - results.size
  const rest = tell(results, parts, 'fail', 'failed') ?? tell(results, parts, 'inconclusive', 'showed nothing')
  return [
    `${good} of ${parts} passed`,
    ...(notWaitedFor > 0 ? [`${notWaitedFor} not waited for`] : []),
    ...(rest === undefined ? [] : [rest]),
  ].join(', ')
}

/** `2 of 3 failed: db: connection refused; cache: timeout`, or undefined where there are none. */
function tell(results: PartResults, parts: number, outcome: ProbeResult['outcome'], verb: string): string | undefined {
  const them = ofOutcome(results, outcome)
  if (them.length === 0) return undefined
  return `${them.length} of ${parts} ${verb}: ${them.map(([name, { detail }]) => `${name}: ${detail}`).join('; ')}`
}

function firstReason(results: PartResults): ProbeFailure {
  return ofOutcome(results, 'fail')[0]?.[1].reason ?? 'error'
}

function ofOutcome<Outcome extends ProbeResult['outcome']>(
  results: PartResults,
  outcome: Outcome,
): [string, Extract<ProbeResult, { outcome: Outcome }>][] {
  return [...results].flatMap(([name, result]) => (hasOutcome(result, outcome) ? [[name, result]] : []))
}

function hasOutcome<Outcome extends ProbeResult['outcome']>(
  result: ProbeResult,
  outcome: Outcome,
): result is Extract<ProbeResult, { outcome: Outcome }> {
  return result.outcome === outcome
}

/** What the parts measured, warn of and ask for, under their names; where they ask for different things, the strictest. */
function remarksOf(results: PartResults): Remarks {
  const measures = [...results].flatMap(([name, result]) =>
    Object.entries(result.measures ?? {}).map(([measure, value]): [string, number] => [`${name}.${measure}`, value]),
  )
  const warning = [...results].flatMap(([name, result]) => (result.warning === undefined ? [] : [`${name}: ${result.warning}`])).join('; ')
  const advice = adviceOf([...results.values()])
  return {
    ...(measures.length > 0 ? { measures: Object.fromEntries(measures) } : {}),
    ...(warning === '' ? {} : { warning }),
    ...(advice ? { advice } : {}),
  }
}

function adviceOf(results: readonly ProbeFacts[]): ProbeAdvice | undefined {
  const weights = results.flatMap(({ advice }) => advice?.weight ?? [])
  const admin = STRICTEST_FIRST.find((state) => results.some(({ advice }) => advice?.admin === state))
  if (weights.length === 0 && admin === undefined) return undefined
  return { ...(weights.length > 0 ? { weight: Math.min(...weights) } : {}), ...(admin === undefined ? {} : { admin }) }
}
