import type { RenewalTurn } from './measure.ts'
import type { LeaseSample } from './report.ts'

/** Ticks so far; undefined for what is not there. */
export interface Ticks {
  readonly core: number | undefined
  readonly server: number | undefined
}

export interface MeasuredTurn {
  readonly turn: RenewalTurn
  readonly before: Ticks
  readonly after: Ticks
  readonly elapsedMs: number
  readonly ticksPerSecond: number
}

export function toLeaseSample({ turn, before, after, elapsedMs, ticksPerSecond }: MeasuredTurn): LeaseSample {
  const { renewals, cpuMicros, p50Micros, p99Micros } = turn
  const serverTicks = difference(before.server, after.server)
  const coreTicks = difference(before.core, after.core)
  const coreMicros = coreTicks === undefined ? undefined : (coreTicks / ticksPerSecond) * 1_000_000
  return {
    renewalsPerSecond: renewals / (turn.elapsedMs / 1_000),
    p50Micros,
    p99Micros,
    cpuMicros: cpuMicros / renewals,
    serverCpuMicros: serverTicks === undefined ? undefined : ((serverTicks / ticksPerSecond) * 1_000_000) / renewals,
    // A tick more or less at either end may make the client look busier than its core.
    othersShare: coreMicros === undefined ? undefined : Math.max(0, (coreMicros - cpuMicros) / (elapsedMs * 1_000)),
  }
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before
}
