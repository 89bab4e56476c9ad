import { misuse, refuseUnknown } from './errors.ts'

export interface PeakAverageOptions {
  /** How fast the past is forgotten: after so long it counts e times less, in milliseconds; more than 0. */
  readonly decayMs: number
  /** The value before the first sample. Default: 0 */
  readonly initial?: number | undefined
  /** When that was the value, in milliseconds of the same clock as the samples. Default: before all time */
  readonly startMs?: number | undefined
}

/** A moving average that jumps to each new peak and comes down slowly, as Finagle and linkerd measure latency. */
export interface PeakAverage {
  /**
   * Takes a sample, in any unit: one above the last value replaces it; any other moves it by
   * `1 - e^(-elapsed / decayMs)` of the way. One that is not later than the last one is ignored.
   */
  add(value: number, atMs: number): void
  /** @returns what is left of the last value at that time: it goes to 0 when nothing is heard */
  at(atMs: number): number
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` */
export function createPeakAverage(options: PeakAverageOptions): PeakAverage {
  refuseUnknown('peak average', options, ['decayMs', 'initial', 'startMs'])
  const { decayMs, initial = 0, startMs = -Infinity } = options
  if (!(decayMs > 0 && Number.isFinite(decayMs))) throw misuse(`peak average: decayMs is ${decayMs}: write milliseconds, more than 0`)
  let last = initial
  let lastMs = startMs
  return {
    add(value, atMs) {
      if (!(atMs > lastMs)) return
      const kept = Math.exp((lastMs - atMs) / decayMs)
      last = value > last ? value : last * kept + value * (1 - kept)
      lastMs = atMs
    },
    at: (atMs) => (atMs > lastMs ? last * Math.exp((lastMs - atMs) / decayMs) : last),
  }
}
