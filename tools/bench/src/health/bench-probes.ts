import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText, HotspareError, type Random } from '@hotspare/core'
import type { Child } from '../linux/child.ts'
import { findProgram } from '../linux/programs.ts'
import type { Cores } from '../machine.ts'
import type { HealthPlan } from '../plans.ts'
import { loads, manyTargets, type ProbeLoad } from './load.ts'
import { type Origin, startOrigin } from './origin.ts'
import type { ManyRow, ProbeReport, ProbeRow } from './report.ts'
import type { ProbeSite, ProbeSubject, RunningProber } from './subject.ts'
import { subjects } from './subjects.ts'
import { takeTurn } from './turn.ts'
import { measureVerdicts, type VerdictAnswer } from './verdict-costs.ts'

export interface BenchProbesOptions {
  readonly plan: HealthPlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Bench extends BenchProbesOptions {
  readonly origin: Origin
  readonly folder: string
  readonly adopt: (child: Child) => Child
  readonly fail: (subject: string, error: unknown) => void
}

interface Contestant {
  readonly subject: ProbeSubject
  readonly load: ProbeLoad
  readonly prober: RunningProber
  readonly row: ProbeRow
  isBroken: boolean
}

/** @throws HotspareError `HOTSPARE_BENCH_NEEDS` on a machine that lacks what every measurement needs; the signal's reason */
export async function benchProbes(options: BenchProbesOptions): Promise<ProbeReport> {
  const { cores, random, progress, signal, plan } = options
  const originProgram = await findProgram('nginx')
  if (process.platform !== 'linux') throw needed('/proc', 'run it on Linux')
  if (originProgram === undefined) throw needed('targets', 'apt-get install nginx')
  const found: { readonly subject: ProbeSubject; readonly version: string }[] = []
  for (const subject of subjects) {
    const version = await subject.find()
    if (version !== undefined) found.push({ subject, version })
  }
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const children: Child[] = []
  const broken: { name: string; because: string }[] = []
  const adopt = (child: Child) => {
    children.push(child)
    return child
  }
  const fail = (name: string, error: unknown) => {
    signal.throwIfAborted()
    broken.push({ name, because: errorText(error) })
  }
  try {
    await chmod(folder, 0o755)
    progress('starting the targets')
    const origin = await startOrigin({ program: originProgram, folder: join(folder, 'origin'), core: cores.load, random })
    const bench: Bench = { ...options, origin, folder, adopt, fail }
    adopt(origin.child)
    const measurable = found.map(({ subject }) => subject)
    const rows = await race(measurable, bench)
    const many = await measureMany(measurable, rows, bench)
    progress('verdicts')
    const verdicts = await measureVerdicts(plan.verdicts, { core: cores.proxy, signal, adopt }).catch((error: unknown) => {
      fail('verdicts', error)
      return [] as readonly VerdictAnswer[]
    })
    return {
      subjects: found.map(({ subject: { name, setup }, version }) => ({ name, version, setup })),
      missing: subjects.filter((subject) => !measurable.includes(subject)).map(({ name, install }) => ({ name, install })),
      broken,
      rows,
      many,
      verdicts,
    }
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** Goes round: each prober with each load, again and again, one at a time, so that what disturbs meets all of them. */
async function race(measurable: readonly ProbeSubject[], bench: Bench): Promise<readonly ProbeRow[]> {
  const { plan, progress, signal } = bench
  const contestants: Contestant[] = []
  for (const load of loads) {
    for (const subject of measurable) {
      progress(`starting ${subject.name}: ${load.name}`)
      const row: ProbeRow = { subject: subject.name, load: load.name, isBusy: load.isBusy, samples: [] }
      const place = `${contestants.length}`
      await subject.start(siteOf(load, place, bench)).then(
        (prober) => contestants.push({ subject, load, prober, row, isBroken: false }),
        (error: unknown) => bench.fail(`${subject.name}, ${load.name}`, error),
      )
    }
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const contestant of contestants) {
      signal.throwIfAborted()
      if (contestant.isBroken) continue
      const { subject, load, prober, row } = contestant
      progress(`round ${round} of ${plan.rounds}: ${subject.name}, ${load.name}`)
      const warmUpMs = round === 1 ? plan.firstWarmUpMs : plan.warmUpMs
      try {
        const turn = await takeTurn({ ...turnOf(subject, load, bench), prober, warmUpMs, windowMs: plan.windowMs })
        row.samples.push(turn.sample)
        row.residentBytes = turn.residentBytes
      } catch (error) {
        contestant.isBroken = true
        bench.fail(`${subject.name}, ${load.name}`, error)
      }
    }
  }
  return contestants.map(({ row }) => row)
}

/** Those for which one core may do, one after the other, each in a process of its own. */
async function measureMany(measurable: readonly ProbeSubject[], rows: readonly ProbeRow[], bench: Bench): Promise<readonly ManyRow[]> {
  const { plan, progress, signal } = bench
  const many: ManyRow[] = []
  for (const subject of measurable.filter(({ takesMany }) => takesMany)) {
    signal.throwIfAborted()
    progress(`${subject.name}: ${manyTargets.targets} targets`)
    try {
      const prober = await subject.start(siteOf(manyTargets, `many-${many.length}`, bench))
      const { manySettleMs: warmUpMs, manyMs: windowMs } = plan
      const turn = await takeTurn({ ...turnOf(subject, manyTargets, bench), prober, warmUpMs, windowMs })
      const few = rows.find((row) => row.subject === subject.name && row.load === loads[0]?.name)
      many.push({ subject: subject.name, ...turn, fewBytes: few?.residentBytes })
    } catch (error) {
      bench.fail(`${subject.name}, ${manyTargets.name}`, error)
    }
  }
  return many
}

function siteOf(load: ProbeLoad, place: string, { folder, ...bench }: Bench): ProbeSite {
  return { ...bench, load, folder: join(folder, place) }
}

function turnOf({ unseen }: ProbeSubject, load: ProbeLoad, { origin, cores, signal }: Bench) {
  return { unseen, load, origin, core: cores.proxy, signal }
}

function needed(what: string, install: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_BENCH_NEEDS', message: `bench: the probers cannot be measured without ${what}: ${install}` })
}
