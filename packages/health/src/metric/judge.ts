import { assertNever } from '@hotspare/core'
import { degraded, failed, type Finding, inconclusive, passed } from '../failure.ts'
import type { SeriesValues } from './series-reader.ts'

/** Where a value stops being well; a value on the line is still well. */
export interface MetricThresholds {
  readonly warnAbove?: number | undefined
  readonly failAbove?: number | undefined
  readonly warnBelow?: number | undefined
  readonly failBelow?: number | undefined
}

/** What it means when no series has a value. */
export type MissingSeries = 'fail' | 'degraded' | 'pass' | 'inconclusive'

interface Judged {
  readonly labels: string
  readonly value: number
  /** 0 well, 1 warns, 2 fails. */
  readonly severity: 0 | 1 | 2
  readonly limit: string
}

/** Judges the values; the worst of them decides and is told. */
export function judgeValues(name: string, values: SeriesValues, thresholds: MetricThresholds, missing: MissingSeries): Finding {
  const [first, ...others] = [...values].map(([labels, value]) => judgeOne(labels, value, thresholds))
  if (!first) return judgeMissing(name, missing)
  const upIsBad = thresholds.warnAbove !== undefined || thresholds.failAbove !== undefined
  const worse = (one: Judged, two: Judged) =>
    two.severity > one.severity || (two.severity === one.severity && (upIsBad ? two.value > one.value : two.value < one.value))
  const worst = others.reduce((one, two) => (worse(one, two) ? two : one), first)
  const detail = `${name}${worst.labels === '' ? '' : `{${worst.labels}}`} is ${shown(worst.value)}${worst.limit}`
  const remarks = {
    measures: { ...(Number.isFinite(worst.value) ? { [name]: worst.value } : {}), 'series-count': values.size },
  }
  if (worst.severity === 0) return passed(detail, remarks)
  return worst.severity === 1 ? degraded(detail, remarks) : failed('limit', detail, remarks)
}

function judgeOne(labels: string, value: number, { warnAbove, failAbove, warnBelow, failBelow }: MetricThresholds): Judged {
  const is = (severity: Judged['severity'], limit: string): Judged => ({ labels, value, severity, limit })
  if (failAbove !== undefined && value > failAbove) return is(2, `, above ${failAbove}`)
  if (failBelow !== undefined && value < failBelow) return is(2, `, below ${failBelow}`)
  if (warnAbove !== undefined && value > warnAbove) return is(1, `, above ${warnAbove}`)
  if (warnBelow !== undefined && value < warnBelow) return is(1, `, below ${warnBelow}`)
  return is(0, '')
}

function judgeMissing(name: string, missing: MissingSeries): Finding {
  const detail = `no series of ${name} has a value`
  switch (missing) {
    case 'fail':
      return failed('unexpected', detail)
    case 'degraded':
      return degraded(detail)
    case 'pass':
      return passed(detail)
    case 'inconclusive':
      return inconclusive(detail)
    default:
      return assertNever(missing)
  }
}

function shown(value: number): string {
  return String(Number.isFinite(value) ? Number(value.toPrecision(6)) : value)
}
