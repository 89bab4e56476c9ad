import { formatDuration } from '@hotspare/core'
import type { Forecast } from './forecast.ts'

/** What one simulated failure did to one service. All times in milliseconds by a good clock. */
export interface Sighting {
  readonly seed: number
  /** From the failure to the first verdict of a node about it; undefined: none was seen, or there is none to see. */
  readonly noticedMs: number | undefined
  /** For how long no client was served, from the failure to its end; all such times together. */
  readonly unservedMs: number
  /** The same, from the end of the failure on. */
  readonly unservedAfterMs: number
  /** For how long two nodes had the address, from the failure on; all such times together. */
  readonly twoHoldersMs: number
  /** From the end of the failure to the end of a second holder; 0 where there was none. */
  readonly lingeringMs: number
  /** Who was active while the failure lasted, once it was over for clients; empty: nobody. */
  readonly holders: readonly string[]
  /** What the simulator itself takes for wrong. */
  readonly violations: readonly string[]
}

/** What rounding makes of a sum of times. */
const ROUNDING_MS = 0.01

/** Where a run went beyond what was foretold: an error of the forecast, or of what it foretells. */
export function contradictions(forecast: Forecast, active: string, sighting: Sighting): readonly string[] {
  const { outage, twoHolders, noticed, movesTo } = forecast
  const { unservedMs, unservedAfterMs, twoHoldersMs, lingeringMs, noticedMs, holders, violations } = sighting
  const ends = outage.type === 'until'
  return [
    ...violations,
    ...exceeds('nobody served', ends ? unservedAfterMs : unservedMs + unservedAfterMs, limitOf(outage)),
    ...(twoHolders.type === 'until-mended'
      ? exceeds('after the end of it there were two holders', lingeringMs, twoHolders.after.atMostMs)
      : exceeds('there were two holders', twoHoldersMs, twoHolders.type === 'never' ? 0 : twoHolders.atMostMs)),
    ...(noticed && noticedMs !== undefined ? exceeds('nobody noticed', noticedMs, noticed.atMostMs) : []),
    ...(ends ? [] : wrongHolder(movesTo.length === 0 ? [active] : movesTo, holders)),
  ]
}

function limitOf(outage: Forecast['outage']): number {
  switch (outage.type) {
    case 'none':
      return 0
    case 'bounded':
      return outage.atMostMs
    case 'until':
      return outage.after?.atMostMs ?? Infinity
  }
}

function exceeds(what: string, seenMs: number, atMostMs: number): readonly string[] {
  if (seenMs <= atMostMs + ROUNDING_MS) return []
  return [`${what} for ${formatDuration(seenMs)}, and at most ${formatDuration(atMostMs)} was foretold`]
}

function wrongHolder(expected: readonly string[], holders: readonly string[]): readonly string[] {
  if (holders.some((holder) => expected.includes(holder))) return []
  return [`it was to be on ${expected.join(' or ')}, and was on ${holders.join(' and ') || 'no node'}`]
}
