import { formatDuration } from '@hotspare/core'

/** The longest time that something takes, and where the number comes from. */
export interface Bound {
  /** By a good clock, in milliseconds. */
  readonly atMostMs: number
  /** With the file's own numbers in it: `(lease 2s + look 200ms) / 0.917`. */
  readonly formula: string
  /** Why what is seen stays far below it; undefined where it does not. */
  readonly slack?: string | undefined
}

/** A part of a bound. */
export interface Term {
  readonly name: string
  readonly ms: number
  readonly times?: number | undefined
}

/**
 * Adds up what is waited for by clocks of machines that may be slow.
 *
 * @param clockRateError how far a clock may be off, as a ratio: what it calls a second then takes up to 1 / (1 - error) seconds
 */
export function slowly(terms: readonly Term[], clockRateError: number, slack?: string): Bound {
  const counted = terms.filter(({ ms, times = 1 }) => ms * times > 0)
  const atMostMs = total(counted) / (1 - clockRateError)
  return { atMostMs, formula: divided(sumText(counted), counted.length, 1 - clockRateError), ...(slack === undefined ? {} : { slack }) }
}

/** A bound that begins only when something else has lasted for a while, by a clock that may be fast. */
export function beyond(bound: Bound, until: readonly Term[], clockRateError: number): Bound {
  const text = divided(sumText(until), until.length, 1 + clockRateError)
  return { ...bound, atMostMs: Math.max(0, bound.atMostMs - total(until) / (1 + clockRateError)), formula: `${bound.formula} - ${text}` }
}

/** Of two things that go on at the same time, the one that takes longer. */
export function longer(one: Bound, other: Bound): Bound {
  return one.atMostMs >= other.atMostMs ? one : other
}

/** One after the other. */
export function inTurn(first: Bound, next: Bound): Bound {
  const slack = [first.slack, next.slack].filter((each) => each !== undefined).join('; ')
  return {
    atMostMs: first.atMostMs + next.atMostMs,
    formula: `${first.formula} + ${next.formula}`,
    ...(slack === '' ? {} : { slack }),
  }
}

function total(terms: readonly Term[]): number {
  return terms.reduce((sum, { ms, times = 1 }) => sum + ms * times, 0)
}

function sumText(terms: readonly Term[]): string {
  return terms.map(({ name, ms, times = 1 }) => `${name} ${times === 1 ? '' : `${times} * `}${formatDuration(ms)}`).join(' + ')
}

function divided(text: string, terms: number, by: number): string {
  const ratio = by.toFixed(3)
  if (ratio === '1.000') return text
  return terms > 1 ? `(${text}) / ${ratio}` : `${text} / ${ratio}`
}
