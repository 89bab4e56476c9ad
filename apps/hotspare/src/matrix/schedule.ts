import { seededRandom } from '@hotspare/core'
import { engineDefaults } from '@hotspare/failover'
import { ARBITER, type Fault, type Schedule } from '@hotspare/failover/simulator'
import type { ServiceConfig } from '../config/config.ts'
import { inCompany } from './cases.ts'
import type { ClusterFile } from './cluster-file.ts'
import type { Failure } from './failure.ts'
import { mayBeOvertaken } from './heirs.ts'
import { PROVIDER_ANSWER_MS, siteOf } from './simulated-site.ts'
import { type ServiceTimes, timesOf } from './times.ts'

/** A guard is started again after 0.1 s by systemd, and is up within a second or two. */
const RESTART_MS: readonly [least: number, most: number] = [100, 1_500]
/** Of the time that a call may take: an arbiter that is slow, and in time. */
const SLOW_SHARE = 0.7
/** Everything has been as it should for so long: the run may end. */
const SETTLED_MS = 500
/** A provider that is slow takes so much longer, in milliseconds. */
const PROVIDER_SLOW_MS = 2_000
/** One that waits for another one to be active. */
const ARRIVAL_MS = 1_000
/** Peers are heard, the address is probed and taken, and everybody has been told. */
const SETTLE_MS = 3_000
/** A planned move, and reports about it. */
const MOVE_MS = 1_500

/** Whether the simulator looks at the service as the daemon does: it always looks at an address from outside. */
export function isSimulated(service: ServiceConfig, file: ClusterFile): boolean {
  return service.onControlLoss === 'release' || timesOf(service, file).look !== undefined
}

/** The faults of the simulator that are this failure, the first of which counts; none for what it cannot do. */
function faultsOf(
  failure: Failure,
  file: ClusterFile,
  { atMs, random }: { readonly atMs: number; readonly random: () => number },
): readonly Fault[] {
  if (failure.kind === 'power-and-fence')
    return [
      { type: 'power', node: failure.node, atMs },
      { type: 'fence-dead', node: failure.node, atMs },
    ]
  const fault = faultOf(failure, file, { atMs, random })
  return fault ? [fault] : []
}

function faultOf(
  failure: Failure,
  file: ClusterFile,
  { atMs, random }: { readonly atMs: number; readonly random: () => number },
): Fault | undefined {
  const { cluster } = file
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
      return { type: 'arbiter-slow', byMs: slowestMs(file), atMs }
    case 'fence-dead':
      return { type: 'fence-dead', node: failure.node, atMs }
    case 'provider-down':
      return { type: 'provider-down', provider: failure.provider, atMs }
    case 'provider-slow':
      return { type: 'provider-slow', provider: failure.provider, byMs: PROVIDER_SLOW_MS, atMs }
    case 'disk-stuck':
    case 'power-and-fence':
      return undefined
  }
}

/** Whoever asks counts the time of a call by a clock that may be fast. */
function slowestMs(file: ClusterFile): number {
  const calls = file.services.map((service) => {
    const { lease, clockRateError } = timesOf(service, file)
    return (lease?.callTimeoutMs ?? 0) / (1 + clockRateError)
  })
  return SLOW_SHARE * Math.min(...calls)
}

/**
 * One run: a failure at some moment, and clocks as far off as they may be. The same file, failure and seed give the same.
 *
 * @returns undefined for a failure that the simulator cannot do
 */
export function scheduleOf(given: ClusterFile, failure: Failure, seed: number, lastsMs: number): Schedule | undefined {
  const file = inCompany(given)
  const random = seededRandom(Math.imul(seed, 2_654_435_761))
  const start = startOf(file)
  const atMs = start.fromMs + random.next() * start.phaseMs
  const faults = faultsOf(failure, file, { atMs, random: () => random.next() })
  if (faults.length === 0) return undefined
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
    faults: [...faults, ...(start.arranged ? arrangement(file, start.arranged, rates) : [])],
    calmAtMs: atMs + lastsMs,
    settledMs: SETTLED_MS,
  }
}

/** Each corner comes up: where margins are too small, it is there that it shows. */
function ratesOf(file: ClusterFile, seed: number, random: { next(): number }): Readonly<Record<string, number>> {
  const { cluster, services } = file
  const error = Math.max(0, ...services.map((service) => timesOf(service, file).clockRateError))
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

function startOf(file: ClusterFile): Start {
  const { cluster, services } = file
  const times = services.map((service) => timesOf(service, file))
  const most = (each: (one: (typeof times)[number]) => number | undefined) => Math.max(0, ...times.map((one) => each(one) ?? 0))
  const [checkMs, renewMs] = [most(({ check }) => check.intervalMs), most(({ lease }) => lease?.renewMs)]
  const phaseMs = Math.max(checkMs, renewMs, cluster.heartbeat.intervalMs, engineDefaults.reportMs)
  const waits = services.filter(
    ({ after, with: leader, priority }) => after !== undefined || leader !== undefined || priority !== undefined,
  )
  const arrivalMs = times.reduce((sum, one) => sum + arrivalOf(one), 0) + waits.length * ARRIVAL_MS
  const restMs = SETTLE_MS + 1.5 * most(({ lease }) => lease?.ttlMs) + cluster.heartbeat.intervalMs + arrivalMs
  // Whoever keeps apart, or looks for room, may choose another one than its first member.
  const chooses = services.some(({ apartFrom, load }) => apartFrom !== undefined || load !== undefined)
  if (!chooses && !times.some((one) => mayBeOvertaken(one, 1))) return { fromMs: restMs, phaseMs, arranged: undefined }
  const clocksMs = restMs + MOVE_MS + arrivalMs
  return { fromMs: clocksMs + renewMs + most(({ lease }) => lease?.pollMs) + MOVE_MS, phaseMs, arranged: { movedMs: restMs, clocksMs } }
}

/** What resources take that others move, to be brought and let go of. */
function arrivalOf({ resources }: ServiceTimes): number {
  return resources.outside.reduce((sum, { typicalMs }) => sum + 2 * typicalMs + PROVIDER_ANSWER_MS * 4, 0)
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
