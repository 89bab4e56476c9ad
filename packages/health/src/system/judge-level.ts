import { degraded, failed, type Finding, passed } from '../failure.ts'

/** A number that was measured, and where it stops being well. */
interface Level {
  readonly value: number
  readonly warnAt: number
  readonly failAt?: number | undefined
  /** How a value of this kind is written. */
  readonly show: (value: number) => string
  /** What it is the value of: `of the memory is used`. */
  readonly says: string
  readonly measures: Readonly<Record<string, number>>
}

/** A number on the line is beyond it. */
export function judgeLevel({ value, warnAt, failAt, show, says, measures }: Level): Finding {
  const detail = `${show(value)} ${says}`
  if (failAt !== undefined && value >= failAt) return failed('limit', `${detail}, the limit is ${show(failAt)}`, { measures })
  if (value >= warnAt) return degraded(`${detail}, ${show(warnAt)} is a warning`, { measures })
  return passed(detail, { measures })
}

/** `12.5 %` for 0.125. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(2))} %`
}

/** A whole that is empty has no used part. */
export function share(part: number, whole: number): number {
  return whole > 0 ? Math.min(Math.max(part / whole, 0), 1) : 0
}
