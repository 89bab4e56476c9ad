import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorText, type Random, systemClock } from '@hotspare/core'
import { ask } from '../linux/ask.ts'
import { type Child, startChild } from '../linux/child.ts'
import { coreTicks, ticksPerSecond, treeTicks } from '../linux/cpu-time.ts'
import type { Cores } from '../machine.ts'
import type { LeasePlan } from '../plans.ts'
import type { LeaseAnswer, LeaseTask } from './messages.ts'
import type { LeaseReport, LeaseRow, LeaseSample } from './report.ts'
import { toLeaseSample } from './sample.ts'
import type { RunningStore } from './store.ts'
import { stores } from './stores.ts'
import { concurrencies, subjects } from './subjects.ts'
import type { LeaseSite, LeaseSubject } from './subject.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
const ANSWER_WITHIN_MS = 60_000

export interface BenchLeasesOptions {
  readonly plan: LeasePlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Contestant {
  readonly subject: LeaseSubject
  readonly worker: Child
  readonly site: LeaseSite
  readonly server: Child | undefined
  readonly rows: readonly LeaseRow[]
  /** Why it is out of the race. */
  broken?: string | undefined
}

/** Starts the stores that the machine has, then goes round: each subject with each number of leases, one at a time. */
export async function benchLeases(options: BenchLeasesOptions): Promise<LeaseReport> {
  const { cores, random, progress, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const children: Child[] = []
  const contestants: Contestant[] = []
  const installed: { name: string; version: string }[] = []
  const missing: { name: string; install: string }[] = []
  const broken: { name: string; because: string }[] = []
  try {
    // PostgreSQL runs as another user than root.
    await chmod(folder, 0o755)
    for (const store of stores) {
      const { name, install } = store
      signal.throwIfAborted()
      const found = await store.find()
      if (!found) {
        missing.push({ name, install })
        continue
      }
      installed.push({ name, version: found.version })
      progress(`starting ${name}`)
      let running: RunningStore | undefined
      try {
        const own = await ownFolder(folder, name)
        running = await found.start?.({ folder: own, core: cores.load, random })
      } catch (error) {
        broken.push({ name, because: errorText(error) })
        continue
      }
      // Workers are stopped before the servers that they have connections to.
      if (running) children.unshift(running.server)
      for (const subject of subjects.filter((candidate) => candidate.store === name)) {
        const worker = await startChild({
          name: subject.name,
          program: process.execPath,
          arguments: ['--conditions=@hotspare/source', WORKER],
          core: cores.proxy,
          ipc: true,
        })
        children.push(worker)
        contestants.push({
          subject,
          worker,
          site: { folder: await ownFolder(folder, `subject-${contestants.length}`), url: running?.url ?? '' },
          server: subject.serverless ? undefined : running?.server,
          rows: concurrencies.map((leases) => ({ subject: subject.name, leases, samples: [] })),
        })
      }
    }
    await race(contestants, options)
  } finally {
    for (const child of children.toReversed()) await child.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return {
    subjects: contestants.map(({ subject: { name, store, role, setup } }) => ({ name, store, role, setup })),
    stores: installed,
    missing,
    broken: [
      ...broken,
      ...contestants.flatMap(({ subject, broken: because }) => (because === undefined ? [] : [{ name: subject.name, because }])),
    ],
    rows: contestants.flatMap(({ rows }) => rows),
  }
}

async function race(contestants: readonly Contestant[], { plan, cores, progress, signal }: BenchLeasesOptions): Promise<void> {
  const ticks = await ticksPerSecond()
  // The first round warms up, and is not counted.
  for (let round = 0; round <= plan.rounds; round++) {
    for (const contestant of contestants) {
      progress(round === 0 ? `warming up ${contestant.subject.name}` : `round ${round} of ${plan.rounds}: ${contestant.subject.name}`)
      for (const row of contestant.rows) {
        if (contestant.broken !== undefined) continue
        try {
          const sample = await turn(contestant, row.leases)
          if (round > 0) row.samples.push(sample)
        } catch (error) {
          signal.throwIfAborted()
          contestant.broken = contestant.server?.ended() ?? errorText(error)
        }
      }
    }
  }

  async function turn({ subject, worker, site, server }: Contestant, leases: number): Promise<LeaseSample> {
    const { turnMs, warmUpMs } = plan
    const common = { subject: subject.name, site, leases }
    const put = async (task: LeaseTask) => {
      const answer = await ask<LeaseAnswer>(worker, task, { withinMs: ANSWER_WITHIN_MS, signal })
      if (!answer.ok) throw new Error(answer.because)
      return answer
    }
    await put({ ...common, turnMs: warmUpMs })
    // What reading costs stays outside: the core is read last before, and first after.
    const serverBefore = server && (await treeTicks(server.pid))
    const before = { server: serverBefore, core: await readCore(cores) }
    const startedMs = systemClock.monotonicMs()
    const measured = await put({ ...common, turnMs })
    const elapsedMs = systemClock.monotonicMs() - startedMs
    const coreAfter = await readCore(cores)
    const after = { server: server && (await treeTicks(server.pid)), core: coreAfter }
    return toLeaseSample({ turn: measured, before, after, elapsedMs, ticksPerSecond: ticks })
  }
}

async function readCore({ proxy: core }: Cores): Promise<number | undefined> {
  return core === undefined ? undefined : coreTicks(core)
}

async function ownFolder(folder: string, name: string): Promise<string> {
  const own = join(folder, name)
  await mkdir(own, { mode: 0o755 })
  return own
}
