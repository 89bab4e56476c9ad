import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorText, HotspareError, type Random, sleep, systemClock } from '@hotspare/core'
import { type Child, startChild, whenReady } from '../linux/child.ts'
import { coreTicks, threadsCpuMicros, ticksPerSecond } from '../linux/cpu-time.ts'
import { residentBytes } from '../linux/memory.ts'
import type { Cores } from '../machine.ts'
import type { HeartbeatPlan } from '../plans.ts'
import type { HeartbeatReport, HeartbeatRow } from './report.ts'
import { toHeartbeatSample } from './sample.ts'
import type { HeartbeatSubject, NodeCounters, RunningNode } from './subject.ts'
import { INTERVAL_MS, sizes, subjects } from './subjects.ts'

const IDLE = fileURLToPath(new URL('programs/idle.ts', import.meta.url))
/** Fifty agents of serf take seconds to find each other. */
const ALIVE_WITHIN_MS = 60_000

export interface BenchHeartbeatsOptions {
  readonly plan: HeartbeatPlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Contestant {
  readonly subject: HeartbeatSubject
  readonly node: RunningNode
  readonly row: HeartbeatRow
}

/** What a node had used and counted when a window began or ended. */
interface Mark {
  readonly atMs: number
  readonly cpuMicros: number
  readonly counters: NodeCounters | undefined
}

/** For each number of peers: starts every subject's node, and measures them side by side. */
export async function benchHeartbeats(options: BenchHeartbeatsOptions): Promise<HeartbeatReport> {
  const found: { readonly subject: HeartbeatSubject; readonly version: string }[] = []
  for (const subject of subjects) {
    const version = await subject.find()
    if (version !== undefined) found.push({ subject, version })
  }
  const report = {
    subjects: found.map(({ subject: { name, setup, onNode }, version }) => ({ name, version, setup, onNode })),
    missing: subjects.filter((subject) => !found.some((one) => one.subject === subject)).map(({ name, install }) => ({ name, install })),
    broken: [] as { name: string; because: string }[],
    rows: [] as HeartbeatRow[],
    idleBytes: [] as number[],
    othersShares: [] as number[],
  }
  const measurable = found.map(({ subject }) => subject)
  for (const peers of sizes) await measureSize(peers, measurable, report, options)
  return report
}

type Collected = Pick<HeartbeatReport, 'missing'> & {
  readonly broken: { name: string; because: string }[]
  readonly rows: HeartbeatRow[]
  readonly idleBytes: number[]
  readonly othersShares: number[]
}

async function measureSize(
  peers: number,
  measurable: readonly HeartbeatSubject[],
  report: Collected,
  options: BenchHeartbeatsOptions,
): Promise<void> {
  const { plan, cores, random, progress, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const children: Child[] = []
  const adopt = (child: Child) => {
    children.push(child)
    return child
  }
  const fail = (subject: HeartbeatSubject, error: unknown) => {
    signal.throwIfAborted()
    report.broken.push({ name: `${subject.name}, ${peers} peers`, because: errorText(error) })
  }
  try {
    const idle = adopt(
      await startChild({ name: 'an idle Node', program: process.execPath, arguments: [IDLE], core: cores.proxy, ipc: true }),
    )
    let running: Contestant[] = []
    for (const subject of measurable) {
      signal.throwIfAborted()
      progress(`starting ${subject.name} with ${peers} peers`)
      const own = join(folder, `${running.length}`)
      try {
        await mkdir(own)
        const node = await subject.start({ peers, intervalMs: INTERVAL_MS, folder: own, cores, random, signal, adopt })
        await whenReady(node.child, async () => ((await node.alive()) === peers ? true : undefined), ALIVE_WITHIN_MS)
        const row: HeartbeatRow = { subject: subject.name, peers, samples: [], firstBytes: await residentBytes(node.child.pid) }
        report.rows.push(row)
        running.push({ subject, node, row })
      } catch (error) {
        fail(subject, error)
      }
    }
    progress(`${peers} peers: settling`)
    await sleep(plan.settleMs, { signal })
    for (let window = 1; window <= plan.windows; window++) {
      progress(`${peers} peers: window ${window} of ${plan.windows}`)
      running = await measureWindow(running, fail, report.othersShares, options)
    }
    for (const { subject, node, row } of running) {
      row.lastBytes = await residentBytes(node.child.pid)
      row.aliveAtEnd = await node.alive().catch((error: unknown) => {
        fail(subject, error)
        return undefined
      })
    }
    const idleBytes = await residentBytes(idle.pid)
    if (idleBytes !== undefined) report.idleBytes.push(idleBytes)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns those that are still there after it */
async function measureWindow(
  running: readonly Contestant[],
  fail: (subject: HeartbeatSubject, error: unknown) => void,
  othersShares: number[],
  { plan, cores, signal }: BenchHeartbeatsOptions,
): Promise<Contestant[]> {
  const began: { readonly contestant: Contestant; readonly mark: Mark }[] = []
  for (const contestant of running) {
    try {
      const counters = await contestant.node.counters?.()
      began.push({ contestant, mark: { counters, ...(await cpuMark(contestant.node)) } })
    } catch (error) {
      fail(contestant.subject, error)
    }
  }
  const ticks = await ticksPerSecond()
  const coreBefore = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
  const startedMs = systemClock.monotonicMs()
  await sleep(plan.windowMs, { signal })
  const coreAfter = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
  const elapsedMs = systemClock.monotonicMs() - startedMs
  const whole: Contestant[] = []
  let nodesMs = 0
  for (const { contestant, mark } of began) {
    try {
      // First the CPU time, then the counters: what asking for them costs falls between two windows.
      const { atMs, cpuMicros } = await cpuMark(contestant.node)
      const after = await contestant.node.counters?.()
      const spentMicros = cpuMicros - mark.cpuMicros
      nodesMs += spentMicros / 1_000
      contestant.row.samples.push(
        toHeartbeatSample({
          peers: contestant.row.peers,
          elapsedMs: atMs - mark.atMs,
          cpuMicros: spentMicros,
          before: mark.counters,
          after,
        }),
      )
      whole.push(contestant)
    } catch (error) {
      fail(contestant.subject, error)
    }
  }
  if (coreBefore !== undefined && coreAfter !== undefined) {
    const busyMs = ((coreAfter - coreBefore) / ticks) * 1_000
    othersShares.push(Math.max(0, (busyMs - nodesMs) / elapsedMs))
  }
  return whole
}

async function cpuMark({ child }: RunningNode): Promise<{ readonly atMs: number; readonly cpuMicros: number }> {
  const cpuMicros = await threadsCpuMicros(child.pid)
  if (cpuMicros === undefined) {
    const message = `bench: ${child.ended() ?? `${child.name}: this kernel does not count the CPU time of threads (/proc/PID/task/*/schedstat)`}`
    throw new HotspareError({ code: 'HOTSPARE_BENCH_CHILD', message })
  }
  return { atMs: systemClock.monotonicMs(), cpuMicros }
}
