import type { Measurement } from './scenario.ts'

export type Medians = Readonly<Record<'gapMs' | 'noiseMs' | 'failed', number>>

/** Of an even number, the higher of the two in the middle: an outage is not made shorter by it. */
export function mediansOf(measured: readonly Pick<Measurement, keyof Medians>[]): Medians {
  return {
    gapMs: median(measured.map(({ gapMs }) => gapMs)),
    noiseMs: median(measured.map(({ noiseMs }) => noiseMs)),
    failed: median(measured.map(({ failed }) => failed)),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
