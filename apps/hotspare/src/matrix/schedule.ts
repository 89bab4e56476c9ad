import { seededRandom } from '@hotspare/core'
import { engineDefaults } from '@hotspare/failover'
import { ARBITER, type Fault, type Schedule, type ServiceSpec, type SiteSpec } from '@hotspare/failover/simulator'
import { serviceDefinition } from '../cluster/definition.ts'
import type { ClusterConfig, Config, ServiceConfig } from '../config/config.ts'
import type { Failure } from './failure.ts'
import { mayBeOvertaken } from './heirs.ts'
import { allowances, timesOf } from './times.ts'

/** What of a file counts here. */
export type ClusterFile = Pick<Config, 'services'> & { readonly cluster: ClusterConfig }

/** A guard is started again after 0.1 s by systemd, and is up within a second or two. */
const RESTART_MS: readonly [least: number, most: number] = [100, 1_500]
/** Of the time that a call may take: an arbiter that is slow, and in time. */
const SLOW_SHARE = 0.7
/** Everything has been as it should for so long: the run may end. */
const SETTLED_MS = 500
/** Whether the simulator looks at the service as the daemon does: it always looks at an address from outside. */
export function isSimulated(service: ServiceConfig, cluster: ClusterConfig): boolean {
  return service.onControlLoss === 'release' || timesOf(service, cluster).look !== undefined
}

/** The simulator's picture of a file. */
function siteOf({ cluster, services }: ClusterFile): SiteSpec {
  const { intervalMs, detector } = cluster.heartbeat
  return {
    nodes: cluster.nodes.map(({ name }) => ({ name })),
    services: services.map((service) => serviceSpec(service, cluster)),
    arbiter: cluster.arbiter.type !== 'none',
    heartbeat: { intervalMs, timeoutMs: detector.timeoutMs },
    rules: { yieldMs: Math.max(0, ...services.map((service) => timesOf(service, cluster).yieldMs)) },
  }
}

function serviceSpec(service: ServiceConfig, cluster: ClusterConfig): ServiceSpec {
  const { lease, look, gateRefreshMs, gateMarginMs, probeWaitMs } = timesOf(service, cluster)
  const { intervalMs, fastIntervalMs: fastMs, timeoutMs, fall, rise } = service.check
  const answerMs = Math.min(allowances.answerMs, timeoutMs / 2)
  return {
    // The way back is another matter than the failure.
    definition: { ...serviceDefinition(service), failback: { type: 'manual' } },
    ...(lease ? { ttlMs: lease.ttlMs } : {}),
    check: { intervalMs, fastMs, timeoutMs, fall, rise, answerMs },
    ...(look ? { look: { intervalMs: look.intervalMs, timeoutMs: look.timeoutMs, fall: look.fall, rise: 1, answerMs } } : {}),
    address: { probeMs: probeWaitMs, commandMs: allowances.commandMs, refreshMs: gateRefreshMs, gateMarginMs },
    records: service.resources.length - 1,
  }
}

/** The faults of the simulator that are this failure; undefined for what it cannot do. */
function faultOf(
  failure: Failure,
  { cluster, services }: ClusterFile,
  { atMs, random }: { readonly atMs: number; readonly random: () => number },
): Fault | undefined {
  const others = (node: string) => cluster.nodes.map(({ name }) => name).filter((name) => name !== node)
  const restartMs = RESTART_MS[0] + random() * (RESTART_MS[1] - RESTART_MS[0])
  switch (failure.kind) {
    case 'power':
      return { type: 'power', node: failure.node, atMs }
    case 'freeze':
      return { type: 'suspend', node: failure.node, atMs }
    case 'guard-stopped':
      return { type: 'pause', node: failure.node, atMs }
    case 'guard-killed':
      return { type: 'crash', node: failure.node, told: true, forMs: restartMs, atMs }
    case 'hotspare-dead':
      return { type: 'crash', node: failure.node, told: true, atMs }
    case 'control-killed':
      return { type: 'control-dead', node: failure.node, forMs: restartMs, atMs }
    case 'service-dead':
      return { type: 'service-dead', node: failure.node, service: failure.service, atMs }
    case 'arbiter-cut':
      return { type: 'partition', sides: [[failure.node], [ARBITER]], atMs }
    case 'peers-cut':
    case 'isolated':
      return { type: 'partition', sides: [[failure.node], [...others(failure.node), ARBITER]], atMs }
    case 'link-cut':
      return { type: 'partition', sides: failure.nodes.map((node) => [node]), atMs }
    case 'one-way-cut':
      return { type: 'cut', from: [failure.from], to: [failure.to], atMs }
    case 'arbiter-dead':
      return { type: 'arbiter-killed', atMs }
    case 'arbiter-slow':
      return { type: 'arbiter-slow', byMs: slowestMs(services, cluster), atMs }
    case 'disk-stuck':
      return undefined
  }
}

/** Whoever asks counts the time of a call by a clock that may be fast. */
function slowestMs(services: readonly ServiceConfig[], cluster: ClusterConfig): number {
  const calls = services.map((service) => {
    const { lease, clockRateError } = timesOf(service, cluster)
    return (lease?.callTimeoutMs ?? 0) / (1 + clockRateError)
  })
  return SLOW_SHARE * Math.min(...calls)
}

/**
 * One run: a failure at some moment, and clocks as far off as they may be. The same file, failure and seed give the same.
 *
 * @returns undefined for a failure that the simulator cannot do
 */
export function scheduleOf(file: ClusterFile, failure: Failure, seed: number, lastsMs: number): Schedule | undefined {
  const random = seededRandom(Math.imul(seed, 2_654_435_761))
  const start = startOf(file)
  const atMs = start.fromMs + random.next() * start.phaseMs
  const fault = faultOf(failure, file, { atMs, random: () => random.next() })
  if (!fault) return undefined
  const rates = ratesOf(file, seed, random)
  const clocks = Object.fromEntries(
    file.cluster.nodes.map(({ name }) => [
      name,
      { startMs: 1e6 * random.next(), processAtMs: 100 * random.next(), ...(start.arranged ? {} : { rate: rates[name] ?? 1 }) },
    ]),
  )
  return {
    seed,
    site: siteOf(file),
    clocks,
    // The failure is the first one, wherever it comes in time.
    faults: [fault, ...(start.arranged ? arrangement(file, start.arranged, rates) : [])],
    calmAtMs: atMs + lastsMs,
    settledMs: SETTLED_MS,
  }
}

/** Each corner comes up: where margins are too small, it is there that it shows. */
function ratesOf({ cluster, services }: ClusterFile, seed: number, random: { next(): number }): Readonly<Record<string, number>> {
  const error = Math.max(0, ...services.map((service) => timesOf(service, cluster).clockRateError))
  const rateOf = (index: number) =>
    seed % 5 === 0 ? 1 + (2 * random.next() - 1) * error : 1 + ((seed >> index) % 2 === 0 ? error : -error)
  return Object.fromEntries(cluster.nodes.map(({ name }, index) => [name, rateOf(index)]))
}

interface Start {
  /** From when on the failure may strike: everything is at rest by then. */
  readonly fromMs: number
  /** Within how much time after that: as long as whatever is repeated. */
  readonly phaseMs: number
  /** When services are brought to their first members, and from when on clocks go wrong; undefined: neither is needed. */
  readonly arranged: { readonly movedMs: number; readonly clocksMs: number } | undefined
}

function startOf({ cluster, services }: ClusterFile): Start {
  const times = services.map((service) => timesOf(service, cluster))
  const most = (each: (one: (typeof times)[number]) => number | undefined) => Math.max(0, ...times.map((one) => each(one) ?? 0))
  const [checkMs, renewMs] = [most(({ check }) => check.intervalMs), most(({ lease }) => lease?.renewMs)]
  const phaseMs = Math.max(checkMs, renewMs, cluster.heartbeat.intervalMs, engineDefaults.reportMs)
  const restMs = SETTLE_MS + 1.5 * most(({ lease }) => lease?.ttlMs) + cluster.heartbeat.intervalMs
  if (!times.some((one) => mayBeOvertaken(one, 1))) return { fromMs: restMs, phaseMs, arranged: undefined }
  const clocksMs = restMs + MOVE_MS
  return { fromMs: clocksMs + renewMs + most(({ lease }) => lease?.pollMs) + MOVE_MS, phaseMs, arranged: { movedMs: restMs, clocksMs } }
}

/** Whoever happens to come first has a service at the start: each is moved to its first member, and only then clocks go wrong. */
function arrangement(
  { services }: ClusterFile,
  { movedMs, clocksMs }: NonNullable<Start['arranged']>,
  rates: Readonly<Record<string, number>>,
): readonly Fault[] {
  const moves = services.flatMap(({ name, members: [node] }): readonly Fault[] =>
    node === undefined ? [] : [{ type: 'command', command: 'switchover', node, service: name, to: node, atMs: movedMs }],
  )
  return [...moves, ...Object.entries(rates).map(([node, rate]): Fault => ({ type: 'clock-rate', node, rate, atMs: clocksMs }))]
}

/** Peers are heard, the address is probed and taken, and everybody has been told. */
const SETTLE_MS = 3_000
/** A planned move, and reports about it. */
const MOVE_MS = 1_500
