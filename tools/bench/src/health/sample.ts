/** One prober under one load in one round. */
export interface ProbeSample {
  /** Looks for each second of CPU time, user and system, of the prober alone. */
  readonly probesPerCpuSecond: number
  readonly probesPerSecond: number
  /** Of a core: 0.02 is 2 %. */
  readonly cpuShare: number
  readonly probes: number
  /** As many as the load asks for in that time. */
  readonly due: number
  /** By the prober's own word; undefined where it cannot be asked. */
  readonly failed?: number | undefined
  /** The share of the prober's core that other processes took meanwhile; undefined where nothing is pinned. */
  readonly othersShare?: number | undefined
}

export interface MeasuredProbes {
  /** Looks that the load asks for in that time. */
  readonly due: number
  readonly elapsedMs: number
  readonly cpuMicros: number
  /** Looks that reached the origin. */
  readonly probes: number
  readonly failed?: number | undefined
  /** How long the prober's core was at work. */
  readonly coreMs?: number | undefined
}

/** @returns undefined where nothing was looked at, so that there is nothing to divide by */
export function toProbeSample(measured: MeasuredProbes): ProbeSample | undefined {
  const { due, elapsedMs, cpuMicros, probes, failed, coreMs } = measured
  if (probes <= 0 || cpuMicros <= 0 || elapsedMs <= 0) return undefined
  return {
    probesPerCpuSecond: probes / (cpuMicros / 1e6),
    probesPerSecond: probes / (elapsedMs / 1_000),
    cpuShare: cpuMicros / 1_000 / elapsedMs,
    probes,
    due,
    failed,
    // A tick more or less at either end may make the prober look busier than its core.
    othersShare: coreMs === undefined ? undefined : Math.max(0, (coreMs - cpuMicros / 1_000) / elapsedMs),
  }
}
