import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorText, systemClock, type Random } from '@hotspare/core'
import type { Child } from '../linux/child.ts'
import { coreTicks, ticksPerSecond, treeTicks } from '../linux/cpu-time.ts'
import { freePorts } from '../linux/free-ports.ts'
import { findProgram } from '../linux/programs.ts'
import type { Cores } from '../machine.ts'
import type { ProxyPlan } from '../plans.ts'
import { bodies, type Body, LARGE, SMALL } from './bodies.ts'
import { bytesPerIdleConnection } from './idle.ts'
import { runLoad } from './load.ts'
import { launchOrigin } from './origin.ts'
import type { ProxyReport, ProxyRow } from './report.ts'
import { needed, startSystem } from './running.ts'
import { toSample } from './sample.ts'
import type { InstalledSystem, SystemUnderTest } from './system.ts'
import { systems } from './systems.ts'

export interface BenchProxiesOptions {
  readonly plan: ProxyPlan
  readonly cores: Cores
  readonly random: Random
  readonly progress: (line: string) => void
  readonly signal: AbortSignal
}

interface Contestant {
  readonly system: SystemUnderTest
  readonly port: number
  readonly child: Child
  readonly rows: ReadonlyMap<Body, ProxyRow>
  /** For each connection without a request. */
  idleBytes?: number | undefined
  /** Why it is out of the race. */
  broken?: string | undefined
}

/** @throws HotspareError `HOTSPARE_BENCH_NEEDS` on a machine that lacks what every measurement needs; the signal's reason */
export async function benchProxies(options: BenchProxiesOptions): Promise<ProxyReport> {
  const { cores, random, progress, signal } = options
  const wrk = await findProgram('wrk')
  const originProgram = await findProgram('nginx')
  if (process.platform !== 'linux') throw needed('/proc', 'run it on Linux')
  if (wrk === undefined) throw needed('a load generator', 'apt-get install wrk')
  if (originProgram === undefined) throw needed('an origin', 'apt-get install nginx')

  const found: [SystemUnderTest, InstalledSystem][] = []
  for (const system of systems) {
    const installed = await system.find()
    if (installed) found.push([system, installed])
  }
  const folder = await mkdtemp(join(tmpdir(), 'hotspare-bench-'))
  const children: Child[] = []
  const contestants: Contestant[] = []
  const broken: { name: string; because: string }[] = []
  try {
    await chmod(folder, 0o755)
    const [first = 0, second = 0, ...ports] = await freePorts(found.length + 2, random)
    const originPorts: [number, number] = [first, second]
    progress('starting the origin')
    const origin = join(folder, 'origin')
    children.push(
      await startSystem({
        name: 'the origin',
        launch: launchOrigin(originProgram, { folder: origin, originPorts }),
        folder: origin,
        port: first,
        core: cores.load,
      }),
    )
    for (const [index, [system, installed]] of found.entries()) {
      signal.throwIfAborted()
      progress(`starting ${system.name}`)
      const port = ports[index] ?? 0
      const own = join(folder, `system-${index}`)
      const launch = installed.launch({ folder: own, port, originPorts })
      try {
        const child = await startSystem({ name: system.name, launch, folder: own, port, core: cores.proxy })
        children.push(child)
        contestants.push({
          system,
          port,
          child,
          rows: new Map(bodies.map((body) => [body, { system: system.name, body: body.name, samples: [] }])),
        })
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
    missing: systems.filter((system) => !found.some(([other]) => other === system)).map(({ name, install }) => ({ name, install })),
    broken: [
      ...broken,
      ...contestants.flatMap(({ system, broken: because }) => (because === undefined ? [] : [{ name: system.name, because }])),
    ],
    idle: contestants.flatMap(({ system, idleBytes }) => (idleBytes === undefined ? [] : [{ system: system.name, bytes: idleBytes }])),
    rows: bodies.flatMap((body) => contestants.flatMap(({ rows }) => rows.get(body) ?? [])),
  }
}

/** Warms everybody up, then goes round: each system with each body, again and again, so that what disturbs meets all of them. */
async function race(contestants: readonly Contestant[], wrk: string, options: BenchProxiesOptions): Promise<void> {
  const { plan, cores, progress, signal } = options
  const ticks = await ticksPerSecond()
  const load = ({ port }: Contestant, body: Body, seconds: number) =>
    runLoad({ wrk, core: cores.load, url: `http://127.0.0.1:${port}${body.path}`, seconds, signal })

  /** A system that fails is out; an interruption ends the race. */
  const attempt = async (contestant: Contestant, work: () => Promise<void>) => {
    if (contestant.broken !== undefined) return
    await work().catch((error: unknown) => {
      signal.throwIfAborted()
      contestant.broken = contestant.child.ended() ?? errorText(error)
    })
  }

  for (const contestant of contestants) {
    progress(`warming up ${contestant.system.name}`)
    await attempt(contestant, async () => {
      await load(contestant, SMALL, plan.firstWarmUpSeconds)
      await load(contestant, LARGE, 1)
    })
    progress(`idle connections: ${contestant.system.name}`)
    await attempt(contestant, async () => {
      const { port, child } = contestant
      const { idleConnections: connections } = plan
      contestant.idleBytes = await bytesPerIdleConnection({ port, pid: child.pid, path: SMALL.path, connections })
    })
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const contestant of contestants) {
      progress(`round ${round} of ${plan.rounds}: ${contestant.system.name}`)
      await attempt(contestant, async () => {
        if (plan.warmUpSeconds > 0) await load(contestant, SMALL, plan.warmUpSeconds)
        for (const body of bodies) await measure(contestant, body)
      })
    }
  }

  async function measure(contestant: Contestant, body: Body): Promise<void> {
    const { pid } = contestant.child
    const coreBefore = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
    const before = await treeTicks(pid)
    const startedMs = systemClock.monotonicMs()
    const result = await load(contestant, body, plan.secondsPerTurn)
    const elapsedMs = systemClock.monotonicMs() - startedMs
    const after = await treeTicks(pid)
    const coreAfter = cores.proxy === undefined ? undefined : await coreTicks(cores.proxy)
    const sample =
      before === undefined || after === undefined
        ? undefined
        : toSample({
            load: result,
            proxyTicks: after - before,
            coreTicks: coreBefore === undefined || coreAfter === undefined ? undefined : coreAfter - coreBefore,
            elapsedMs,
            ticksPerSecond: ticks,
          })
    if (sample) contestant.rows.get(body)?.samples.push(sample)
    else contestant.broken = contestant.child.ended() ?? `answered no request for ${body.name}`
  }
}
