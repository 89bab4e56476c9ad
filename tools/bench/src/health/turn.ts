import { HotspareError, sleep, systemClock } from '@hotspare/core'
import type { Child } from '../linux/child.ts'
import { coreTicks, threadsCpuMicros, ticksPerSecond } from '../linux/cpu-time.ts'
import { residentBytes } from '../linux/memory.ts'
import type { ProbeKind, ProbeLoad } from './load.ts'
import type { Origin } from './origin.ts'
import { type ProbeSample, toProbeSample } from './sample.ts'
import type { ProbeCounts, RunningProber } from './subject.ts'

export interface TurnOptions {
  readonly prober: RunningProber
  /** What of its looks no origin can count: {@link ProbeSubject.unseen}. */
  readonly unseen: ProbeKind | undefined
  readonly load: ProbeLoad
  readonly origin: Origin
  /** On which the prober alone is meant to run. */
  readonly core: number | undefined
  readonly warmUpMs: number
  readonly windowMs: number
  readonly signal: AbortSignal
}

export interface Turn {
  readonly sample: ProbeSample
  readonly counts: ProbeCounts | undefined
  /** In RAM at the end of the window. */
  readonly residentBytes: number | undefined
}

/** Lets a prober work, for a while uncounted and then for a window, and has it pause again. */
export async function takeTurn(options: TurnOptions): Promise<Turn> {
  const { prober, unseen, load, origin, core, warmUpMs, windowMs, signal } = options
  const child = await prober.begin()
  try {
    await sleep(warmUpMs, { signal })
    await prober.counts?.()
    const before = await mark(child, origin, load, core)
    await sleep(windowMs, { signal })
    const after = await mark(child, origin, load, core)
    const bytes = await residentBytes(child.pid)
    const counts = await prober.counts?.()
    const elapsedMs = after.atMs - before.atMs
    const due = (load.targets * elapsedMs) / load.intervalMs
    const sample = toProbeSample({
      due,
      elapsedMs,
      cpuMicros: after.cpuMicros - before.cpuMicros,
      probes: unseen === load.kind ? Math.floor(due) : after.probes - before.probes,
      failed: counts?.failed,
      coreMs: before.coreMs === undefined || after.coreMs === undefined ? undefined : after.coreMs - before.coreMs,
    })
    if (!sample) throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${child.name} looked at nothing` })
    return { sample, counts, residentBytes: bytes }
  } finally {
    await prober.pause()
  }
}

/** What had been used and done when a window began or ended. */
interface Mark {
  readonly atMs: number
  readonly cpuMicros: number
  readonly probes: number
  readonly coreMs: number | undefined
}

async function mark(child: Child, origin: Origin, { kind }: ProbeLoad, core: number | undefined): Promise<Mark> {
  const ticks = core === undefined ? undefined : await coreTicks(core)
  const coreMs = ticks === undefined ? undefined : (ticks / (await ticksPerSecond())) * 1_000
  const probes = await origin.served(kind)
  const cpuMicros = await threadsCpuMicros(child.pid)
  if (cpuMicros === undefined) {
    const because = child.ended() ?? `${child.name}: this kernel does not count the CPU time of threads (/proc/PID/task/*/schedstat)`
    throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message: `bench: ${because}` })
  }
  return { atMs: systemClock.monotonicMs(), cpuMicros, probes, coreMs }
}
