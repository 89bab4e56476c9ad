import type { Forecast } from './forecast.ts'
import type { Sighting } from './sighting.ts'

/** The worst that the simulation saw of one failure and one service; times in milliseconds. */
export interface Worst {
  readonly runs: number
  readonly noticedMs: number | undefined
  readonly unservedMs: number
  readonly twoHoldersMs: number
}

/** A run that went beyond what was foretold, and what shows it again. */
export interface Refutation {
  readonly seed: number
  readonly what: string
  /** For the simulator, as JSON. */
  readonly schedule: unknown
}

/** One failure and one service: what was foretold, and what was seen. */
export interface MatrixRow extends Forecast {
  /** Undefined for what the simulator cannot do. */
  readonly seen: Worst | undefined
  readonly refutations: readonly Refutation[]
}

export function worstOf(sightings: readonly Sighting[]): Worst | undefined {
  if (sightings.length === 0) return undefined
  const noticed = sightings.flatMap(({ noticedMs }) => noticedMs ?? [])
  return {
    runs: sightings.length,
    noticedMs: noticed.length === 0 ? undefined : Math.max(...noticed),
    unservedMs: Math.max(...sightings.map(({ unservedMs, unservedAfterMs }) => unservedMs + unservedAfterMs)),
    twoHoldersMs: Math.max(...sightings.map(({ twoHoldersMs }) => twoHoldersMs)),
  }
}
