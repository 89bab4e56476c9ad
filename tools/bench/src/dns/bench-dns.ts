import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { errorText, HotspareError, type Random } from '@hotspare/core'
import { createDnsClient } from '@hotspare/dns-wire/client'
import { type Child, startChild, whenReady } from '../linux/child.ts'
import { coreTicks, threadsCpuMicros, ticksPerSecond } from '../linux/cpu-time.ts'
import { freePorts } from '../linux/free-ports.ts'
import { findProgram } from '../linux/programs.ts'
import type { Cores } from '../machine.ts'
import type { DnsPlan } from '../plans.ts'
import { FOLLOWER, PRIMARY, questions, SPARE } from './bench-zone.ts'
import { runDnsLoad } from './dnsperf.ts'
import { Watcher } from './reaction.ts'
import type { DnsReport, DnsRow } from './report.ts'
import type { DnsSite, DnsSystem, InstalledDnsSystem } from './system.ts'
import { dnsSystems } from './systems.ts'

export interface BenchDnsOptions {
  readonly plan: DnsPlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Contestant {
  readonly system: DnsSystem
  readonly installed: InstalledDnsSystem
  readonly site: DnsSite
  readonly child: Child
  readonly rows: ReadonlyMap<DnsLoad, DnsRow>
  readonly reactionMs: number[]
  /** Why it is out of the race. */
  broken?: string | undefined
}

interface DnsLoad {
  readonly name: string
  /** Undefined: as many as there are answers. */
  readonly perSecond: number | undefined
}

/** Busy: what a core can do. Paced: what a question costs where few are asked, and each of them wakes the server. */
const LOADS: readonly DnsLoad[] = [
  { name: 'busy', perSecond: undefined },
  { name: 'paced', perSecond: 5_000 },
]
const READY_WITHIN_MS = 15_000

/** @throws HotspareError `HOTSPARE_BENCH_NEEDS` on a machine that lacks what every measurement needs; the signal's reason */
export async function benchDns(options: BenchDnsOptions): Promise<DnsReport> {
  const { cores, random, progress, signal } = options
  const dnsperf = await findProgram('dnsperf')
  if (process.platform !== 'linux' || dnsperf === undefined) {
    const message = 'bench: name servers cannot be measured without Linux and dnsperf: apt-get install dnsperf'
    throw new HotspareError({ code: 'HOTSPARE_BENCH_NEEDS', message })
  }
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const contestants: Contestant[] = []
  const missing: DnsSystem[] = []
  const versions = new Map<DnsSystem, string>()
  const broken: { name: string; because: string }[] = []
  const othersShares: number[] = []
  try {
    await chmod(folder, 0o755)
    const file = join(folder, 'questions')
    await writeFile(file, questions())
    const ports = await freePorts(dnsSystems.length, random)
    for (const [index, system] of dnsSystems.entries()) {
      signal.throwIfAborted()
      const installed = await system.find()
      if (!installed) {
        missing.push(system)
        continue
      }
      versions.set(system, installed.version)
      progress(`starting ${system.name}`)
      try {
        contestants.push(await start(system, installed, { folder: join(folder, `system-${index}`), port: ports[index] ?? 0 }, cores))
      } catch (error) {
        broken.push({ name: system.name, because: errorText(error) })
      }
    }
    await race(contestants, { dnsperf, file, othersShares }, options)
    await changes(contestants, options)
  } finally {
    await Promise.all(contestants.map(({ child }) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  return {
    systems: [...versions].map(([{ name, setup }, version]) => ({ name, setup, version })),
    missing: missing.map(({ name, install }) => ({ name, install })),
    broken: [
      ...broken,
      ...contestants.flatMap(({ system, broken: because }) => (because === undefined ? [] : [{ name: system.name, because }])),
    ],
    rows: LOADS.flatMap((load) => contestants.flatMap(({ rows }) => rows.get(load) ?? [])),
    reactions: contestants.map(({ system, reactionMs }) => ({ system: system.name, ms: reactionMs })),
    othersShares,
  }
}

async function start(system: DnsSystem, installed: InstalledDnsSystem, site: DnsSite, cores: Cores): Promise<Contestant> {
  const { folder, port } = site
  const { files, program, arguments: given } = installed.launch(site)
  await mkdir(folder, { mode: 0o755 })
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const child = await startChild({ name: system.name, program, arguments: given, core: cores.proxy, ipc: program === process.execPath })
  const client = createDnsClient({ server: { address: '127.0.0.1', port }, timeoutMs: 500 })
  const answers = async () =>
    (await client.query({ name: FOLLOWER, type: 'A', edns: false })).message.answers.length > 0 ? true : undefined
  try {
    await whenReady(child, answers, READY_WITHIN_MS)
  } catch (error) {
    await child.stop()
    throw error
  }
  const rows = new Map(LOADS.map((load) => [load, { system: system.name, load: load.name, samples: [] }]))
  return { system, installed, site, child, rows, reactionMs: [] }
}

/** Each server with each load, again and again, so that what disturbs meets all of them. */
async function race(
  contestants: readonly Contestant[],
  { dnsperf, file, othersShares }: { readonly dnsperf: string; readonly file: string; readonly othersShares: number[] },
  { plan, cores, progress, signal }: BenchDnsOptions,
): Promise<void> {
  const ticks = await ticksPerSecond()
  const load = (contestant: Contestant, { perSecond }: DnsLoad, seconds: number) =>
    runDnsLoad({ program: dnsperf, core: cores.load, port: contestant.site.port, file, seconds, perSecond, signal })
  for (const contestant of contestants) {
    progress(`warming up ${contestant.system.name}`)
    await attempt(contestant, signal, () => load(contestant, { name: '', perSecond: undefined }, plan.warmUpSeconds))
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const each of LOADS) {
      for (const contestant of contestants) {
        progress(`round ${round} of ${plan.rounds}: ${each.name}, ${contestant.system.name}`)
        await attempt(contestant, signal, async () => {
          const coreBefore = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
          const before = await threadsCpuMicros(contestant.child.pid)
          const { answered, lost, failed, seconds, averageLatencyMs } = await load(contestant, each, plan.secondsPerTurn)
          const after = await threadsCpuMicros(contestant.child.pid)
          const coreAfter = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
          if (before === undefined || after === undefined || answered === 0) throw new Error(`no answer with ${each.name}`)
          const cpuMicros = (after - before) / answered
          contestant.rows
            .get(each)
            ?.samples.push({ cpuMicros, perSecond: answered / seconds, latencyMs: averageLatencyMs, answered, lost, failed })
          if (coreBefore !== undefined && coreAfter !== undefined) {
            const busyMicros = ((coreAfter - coreBefore) / ticks) * 1_000_000
            othersShares.push(Math.max(0, (busyMicros - (after - before)) / (seconds * 1_000_000)))
          }
        })
      }
    }
  }
}

/** From a change of health to the answer that has it, with nothing else to do. */
async function changes(contestants: readonly Contestant[], { plan, progress, signal }: BenchDnsOptions): Promise<void> {
  for (const contestant of contestants) {
    const { system, installed, site, child, reactionMs } = contestant
    if (!installed.change) continue
    progress(`changes of ${system.name}`)
    const watcher = new Watcher(FOLLOWER)
    await watcher.open(site.port)
    await attempt(contestant, signal, async () => {
      const count = Math.max(2, Math.round(plan.changes * system.changesShare))
      for (let index = 0; index < count; index++) {
        const address = index % 2 === 0 ? SPARE : PRIMARY
        reactionMs.push(await watcher.timeUntil(address, async () => installed.change?.(child, site, address), signal))
      }
    }).finally(() => watcher.close())
  }
}

async function attempt(contestant: Contestant, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  if (contestant.broken !== undefined) return
  await work().catch((error: unknown) => {
    signal.throwIfAborted()
    contestant.broken = contestant.child.ended() ?? errorText(error)
  })
}
