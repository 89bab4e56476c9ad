import { type BeatTimings, LATENESS_BOUNDS_MS } from '../beat-timings.ts'

// How likely a beat that was sent leaves a silence, from what was measured of a path: bounds from above, with the assumptions
// that make a finite measurement say anything about a rare event.

/** Until losses were seen: how many of so many were followed by another. Its mean, a quarter, stands until there is more. */
const ROW_PRIOR = { continued: 0.5, lost: 2 }

/** A burst that was measured is not believed to end more surely than this. */
const LONGEST_ROW = 0.95

/** Beyond what was measured, lateness falls off like a power of it: never faster than the first, never more slowly than the second. */
const STEEPEST = 4
const FLATTEST = 2

/** So many beats must have been later than a bound for the slope between it and the next to be believed. */
const BELIEVED = 20

/** The chances of one path. */
export interface PathChances {
  /** That a beat comes later than so much, in milliseconds; from above. */
  later(latenessMs: number): number
  /** That so many beats in a row are lost after one that came, with this interval in milliseconds; from above. */
  lostRow(count: number, intervalMs: number): number
}

/** By what was seen alone, with nothing added for what was not: the least that has to be believed. */
export function seenChancesOf({ intervalMs, received, lost, lostRows, later }: BeatTimings): PathChances {
  const loss = lost / (received + lost)
  const row = lost === 0 ? 0 : (lost - lostRows) / lost
  return {
    later(latenessMs) {
      // The bound above: so many were later than that for sure.
      const index = LATENESS_BOUNDS_MS.findIndex((boundMs) => boundMs >= latenessMs)
      return (later[index] ?? 0) / received
    },
    lostRow: (count, atMs) => (count === 0 ? 1 : loss * row ** ((count - 1) * Math.max(1, atMs / intervalMs))),
  }
}

/** @param timings of a path on which beats were received */
export function chancesOf(timings: BeatTimings): PathChances {
  const { received, lost, lostRows, intervalMs: measuredMs } = timings
  const sent = received + lost
  const loss = Math.min(1, upper(lost) / sent)
  const followed = (lost - lostRows + ROW_PRIOR.continued) / (lost + ROW_PRIOR.lost)
  const row = Math.min(LONGEST_ROW, Math.max(loss, followed))
  const tail = tailOf(timings)
  const laterThan = timings.later.map((count) => Math.min(1, upper(count) / received))
  return {
    later(latenessMs) {
      if (latenessMs > tail.fromMs) return tail.chance * (tail.fromMs / latenessMs) ** tail.slope
      // The bound below: more beats are later than that than than this one.
      const index = LATENESS_BOUNDS_MS.findLastIndex((boundMs) => boundMs <= latenessMs)
      return laterThan[index] ?? 1
    },
    lostRow(count, intervalMs) {
      if (count === 0) return 1
      // What swallows beats lasts for a time: of shorter intervals, more fall into it. Longer ones are not taken to escape.
      const next = row ** Math.min(1, intervalMs / measuredMs)
      return loss * next ** (count - 1)
    },
  }
}

/** From above, with some 97 % confidence, how many events were to be expected where so many were counted (Poisson). */
function upper(count: number): number {
  return count + 3 + 2 * Math.sqrt(count)
}

interface Tail {
  readonly fromMs: number
  /** That a beat is later than `fromMs`. */
  readonly chance: number
  readonly slope: number
}

function tailOf({ later, worstMs, received }: BeatTimings): Tail {
  const fromMs = Math.max(worstMs, LATENESS_BOUNDS_MS[0] ?? 1)
  return { fromMs, chance: Math.min(1, upper(0) / received), slope: slopeOf(later) }
}

/** How fast chances fall with lateness, where enough beats were that late (Hill's idea, on the last bounds that count). */
function slopeOf(later: readonly number[]): number {
  const last = later.findLastIndex((count) => count >= BELIEVED)
  const first = Math.max(0, last - 3)
  const [few, many] = [later[last] ?? 0, later[first] ?? 0]
  const [farMs, nearMs] = [LATENESS_BOUNDS_MS[last] ?? 0, LATENESS_BOUNDS_MS[first] ?? 0]
  // Nothing is known of the shape: the least that is believed.
  if (last <= first || many === few) return FLATTEST
  return Math.min(STEEPEST, Math.max(FLATTEST, Math.log(many / few) / Math.log(farMs / nearMs)))
}
