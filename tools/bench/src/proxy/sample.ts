import type { LoadResult } from './wrk-output.ts'

/** One system, one body, one round. */
export interface ProxySample {
  /** User and system time of all its processes, divided by the requests. */
  readonly cpuMicrosPerRequest: number
  readonly requestsPerSecond: number
  readonly p50Micros: number
  readonly p99Micros: number
  readonly requests: number
  readonly failures: number
  /** The share of the proxy's core that other processes took meanwhile; undefined where nothing is pinned. */
  readonly othersShare?: number | undefined
}

export interface Measured {
  readonly load: LoadResult
  /** Used by the proxy's processes during the load. */
  readonly proxyTicks: number
  /** The work of the proxy's core during the load. */
  readonly coreTicks?: number | undefined
  readonly elapsedMs: number
  readonly ticksPerSecond: number
}

/** @returns undefined where no request was answered, so that there is nothing to divide by */
export function toSample(measured: Measured): ProxySample | undefined {
  const { load, proxyTicks, coreTicks, elapsedMs, ticksPerSecond } = measured
  if (load.requests === 0 || load.durationMicros === 0) return undefined
  const elapsedTicks = (elapsedMs / 1_000) * ticksPerSecond
  return {
    cpuMicrosPerRequest: (proxyTicks / ticksPerSecond / load.requests) * 1_000_000,
    requestsPerSecond: load.requests / (load.durationMicros / 1_000_000),
    p50Micros: load.p50Micros,
    p99Micros: load.p99Micros,
    requests: load.requests,
    failures: load.failures,
    // A tick more or less at either end may make the proxy look busier than its core.
    othersShare: coreTicks === undefined || elapsedTicks <= 0 ? undefined : Math.max(0, (coreTicks - proxyTicks) / elapsedTicks),
  }
}
