import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText, HotspareError, type Random } from '@hotspare/core'
import { type Child, startChild, whenReady } from '../linux/child.ts'
import { threadsCpuMicros } from '../linux/cpu-time.ts'
import { freePorts } from '../linux/free-ports.ts'
import { findProgram } from '../linux/programs.ts'
import type { Cores } from '../machine.ts'
import type { TcpPlan } from '../plans.ts'
import { nginxConfig } from '../proxy/nginx-config.ts'
import type { InstalledSystem, Launch, SystemUnderTest } from '../proxy/system.ts'
import { runTcpLoad, type TcpLoad, tcpLoads } from './loads.ts'
import type { TcpReport, TcpRow } from './report.ts'
import { tcpSystems } from './systems.ts'

export interface BenchTcpOptions {
  readonly plan: TcpPlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Contestant {
  readonly name: string
  readonly port: number
  readonly child: Child
  readonly rows: ReadonlyMap<TcpLoad, TcpRow>
  /** Why it is out of the race. */
  broken?: string | undefined
}

const READY_WITHIN_MS = 15_000

/** @throws HotspareError `HOTSPARE_BENCH_NEEDS` on a machine that lacks what every measurement needs; the signal's reason */
export async function benchTcp(options: BenchTcpOptions): Promise<TcpReport> {
  const { cores, random, progress, signal } = options
  const [wrk, nginx] = [await findProgram('wrk'), await findProgram('nginx')]
  if (process.platform !== 'linux' || wrk === undefined || nginx === undefined) {
    const message = 'bench: proxies of TCP cannot be measured without Linux, wrk and nginx: apt-get install wrk nginx'
    throw new HotspareError({ code: 'HOTSPARE_BENCH_NEEDS', message })
  }
  const found: [SystemUnderTest, InstalledSystem][] = []
  for (const system of tcpSystems) {
    const installed = await system.find()
    if (installed) found.push([system, installed])
  }
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const children: Child[] = []
  const contestants: Contestant[] = []
  const broken: { name: string; because: string }[] = []
  const start = async (name: string, launch: Launch, own: string, port: number, core: number | undefined): Promise<Child> => {
    const child = await startSystem(name, launch, own, core)
    children.push(child)
    await whenReady(child, () => serves(port), READY_WITHIN_MS)
    return child
  }
  try {
    await chmod(folder, 0o755)
    const [first = 0, second = 0, ...ports] = await freePorts(found.length + 2, random)
    progress('starting the origin')
    const originFolder = join(folder, 'origin')
    await start('the origin', launchOrigin(nginx, originFolder, [first, second]), originFolder, first, cores.load)
    for (const [index, [system, installed]] of found.entries()) {
      signal.throwIfAborted()
      progress(`starting ${system.name}`)
      const [port, own] = [ports[index] ?? 0, join(folder, `system-${index}`)]
      try {
        const child = await start(
          system.name,
          installed.launch({ folder: own, port, originPorts: [first, second] }),
          own,
          port,
          cores.proxy,
        )
        const rows = new Map(tcpLoads.map((load) => [load, { system: system.name, load: load.name, unit: load.unit, samples: [] }]))
        contestants.push({ name: system.name, port, child, rows })
      } catch (error) {
        broken.push({ name: system.name, because: errorText(error) })
      }
    }
    await race(contestants, wrk, options)
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  return {
    systems: found.map(([{ name, setup }, { version }]) => ({ name, setup, version })),
    missing: tcpSystems.filter((system) => !found.some(([other]) => other === system)).map(({ name, install }) => ({ name, install })),
    broken: [...broken, ...contestants.flatMap(({ name, broken: because }) => (because === undefined ? [] : [{ name, because }]))],
    rows: tcpLoads.flatMap((load) => contestants.flatMap(({ rows }) => rows.get(load) ?? [])),
  }
}

/** Each system with each load, again and again, so that what disturbs meets all of them. */
async function race(contestants: readonly Contestant[], wrk: string, options: BenchTcpOptions): Promise<void> {
  const { plan, cores, progress, signal } = options
  const run = (contestant: Contestant, load: TcpLoad, seconds: number) =>
    runTcpLoad(load, { wrk, core: cores.load, port: contestant.port, seconds, signal })
  const attempt = async (contestant: Contestant, work: () => Promise<unknown>) => {
    if (contestant.broken !== undefined) return
    await work().catch((error: unknown) => {
      signal.throwIfAborted()
      contestant.broken = contestant.child.ended() ?? errorText(error)
    })
  }
  for (const contestant of contestants) {
    progress(`warming up ${contestant.name}`)
    for (const load of tcpLoads) await attempt(contestant, () => run(contestant, load, plan.warmUpSeconds))
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const load of tcpLoads) {
      for (const contestant of contestants) {
        progress(`round ${round} of ${plan.rounds}: ${load.name} through ${contestant.name}`)
        await attempt(contestant, async () => {
          const before = await threadsCpuMicros(contestant.child.pid)
          const { requests, failures, durationMicros } = await run(contestant, load, plan.secondsPerTurn)
          const after = await threadsCpuMicros(contestant.child.pid)
          const units = requests * load.units
          if (before === undefined || after === undefined || units === 0) throw new Error(`no answer with ${load.name}`)
          const perSecond = units / (durationMicros / 1_000_000)
          contestant.rows.get(load)?.samples.push({ cpuMicros: (after - before) / units, perSecond, requests, failures })
        })
      }
    }
  }
}

async function startSystem(name: string, launch: Launch, folder: string, core: number | undefined): Promise<Child> {
  // Readable for all: as root, nginx reads with the rights of nobody.
  await mkdir(folder, { mode: 0o755 })
  for (const [file, content] of Object.entries(launch.files)) await writeFile(join(folder, file), content, { mode: 0o644 })
  return startChild({ name, program: launch.program, arguments: launch.arguments, core })
}

function launchOrigin(program: string, folder: string, ports: readonly number[]): Launch {
  const http = `
  default_type application/octet-stream;
  sendfile on;
  open_file_cache max=10 inactive=600s;
  open_file_cache_valid 600s;
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port};`).join('\n    ')}
    root ${folder};
  }`
  return {
    files: { 'nginx.conf': nginxConfig(folder, http), ...Object.fromEntries(tcpLoads.map(({ file, bytes }) => [file, 'x'.repeat(bytes)])) },
    program,
    arguments: ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', `${folder}/error.log`],
  }
}

async function serves(port: number): Promise<true | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/small`, { signal: AbortSignal.timeout(1_000) })
  return response.status === 200 && (await response.arrayBuffer()).byteLength === 100 ? true : undefined
}
