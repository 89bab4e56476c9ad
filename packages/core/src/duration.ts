import { LONGEST_DELAY_MS } from './clock.ts'
import { HotspareError } from './errors.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const MS_PER_UNIT = new Map([
  ['ms', 1],
  ['s', SECOND_MS],
  ['m', MINUTE_MS],
  ['h', HOUR_MS],
  ['d', DAY_MS],
])

/** How much of a text that cannot be read the error repeats. */
const SHOWN_CHARACTERS = 40

/**
 * Reads a duration as people write it in a configuration: `500ms`, `30s`, `10m`, `1h`, `1.5s`, `1m30s`.
 *
 * @returns milliseconds, a whole number from 0 to 2^31 - 1
 * @throws HotspareError `HOTSPARE_CORE_DURATION` with a hint
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim()
  if (!/^(?:\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d))+$/.test(trimmed)) {
    const hint = /^\d+(?:\.\d+)?$/.test(trimmed)
      ? `it has no unit; did you mean "${shortened(trimmed)}ms" or "${shortened(trimmed)}s"?`
      : 'write a number and a unit, like 500ms, 30s, 10m or 1h'
    throw invalid(text, hint)
  }
  let totalMs = 0
  for (const [, amount = '', unit = ''] of trimmed.matchAll(/([\d.]+)([a-z]+)/g)) {
    totalMs += Number(amount) * (MS_PER_UNIT.get(unit) ?? 0)
  }
  const wholeMs = Math.round(totalMs)
  if (wholeMs > LONGEST_DELAY_MS) throw invalid(text, 'the longest is 24d')
  return wholeMs
}

/** Writes milliseconds as {@link parseDuration} reads them: `1500` -> `1.5s`, `90000` -> `1m30s`. */
export function formatDuration(durationMs: number): string {
  const wholeMs = Math.round(durationMs)
  if (wholeMs < SECOND_MS) return `${wholeMs}ms`
  const days = Math.floor(wholeMs / DAY_MS)
  const hours = Math.floor((wholeMs % DAY_MS) / HOUR_MS)
  const minutes = Math.floor((wholeMs % HOUR_MS) / MINUTE_MS)
  const seconds = (wholeMs % MINUTE_MS) / SECOND_MS
  return [part(days, 'd'), part(hours, 'h'), part(minutes, 'm'), part(seconds, 's')].join('')
}

function part(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`
}

function invalid(text: string, hint: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_CORE_DURATION', message: `duration: "${shortened(text)}" cannot be read: ${hint}` })
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text
}
