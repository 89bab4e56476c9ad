import { decisionDefaults, engineDefaults } from '@hotspare/failover'
import { heartbeatDefaults } from '@hotspare/heartbeat'
import { type Timing, timingChain, timingDefaults } from '@hotspare/lease'
import { vipDefaults } from '@hotspare/vip'
import { fenceLevelsOf } from '../cluster/fencing/devices.ts'
import { leaseWaitMs, staggerMs } from '../cluster/lease-wait.ts'
import { LOOK_FALL, LOOK_MS, lookCheck } from '../cluster/look-check.ts'
import type { ClusterConfig, ServiceConfig } from '../config/config.ts'
import type { FencingConfig, FencingMode } from '../config/config-fencing.ts'
import { type ResourceTimes, resourceTimesOf } from './resource-times.ts'

/**
 * What machines and networks that are well take, in milliseconds: what no configuration says and every bound needs. Each number
 * with its reason. A machine that starves takes longer, and then so does a takeover.
 */
export const allowances: Readonly<Record<'commandMs' | 'requestMs' | 'answerMs' | 'resetMs' | 'peerTickMs' | 'peerTellMs', number>> =
  Object.freeze({
    /** One change in the kernel with what belongs to it, an address or a gate: 5 to 25 ms by `ip` and `nft`, under one by netlink. */
    commandMs: 50,
    /** A request to a peer and its answer: a millisecond on a local network. */
    requestMs: 10,
    /** A service that is dead refuses a connection at once; one that lives answers its check within this, or the check fails anyway. */
    answerMs: 30,
    /** A connection is reset, and the next one refused: 8 to 22 ms, as measured. */
    resetMs: 50,
    /** How often members without an arbiter look at who is silent. */
    peerTickMs: 50,
    /** How often members without an arbiter repeat who has the right, and how long they wait for an answer to it. */
    peerTellMs: 500,
  })

/** How long a look of a kind waits, and how many of them it takes, in milliseconds. */
interface LookTimes {
  readonly intervalMs: number
  /** From one failed look to the next. */
  readonly fastMs: number
  readonly timeoutMs: number
  readonly fall: number
}

/** All times of one service that decide how long something takes, in milliseconds, by the file. */
export interface ServiceTimes {
  /** How far the rate of any clock may be off, as a ratio. */
  readonly clockRateError: number
  readonly heartbeat: { readonly intervalMs: number; readonly timeoutMs: number; readonly rise: number }
  /** Undefined without an arbiter. */
  readonly lease: Timing | undefined
  readonly check: LookTimes
  /** At the address, as users do; undefined where no node can look at it from outside. */
  readonly look: LookTimes | undefined
  readonly resources: ResourceTimes
  /** What it takes to make sure of another member; undefined where nobody is. */
  readonly fence: FenceTimes | undefined
  /** How late a renewal of the right is in the kernel at most, after it. */
  readonly gateRefreshMs: number
  /** How long before the right's end the gate shuts. */
  readonly gateMarginMs: number
  readonly tickMs: number
  readonly reportMs: number
  readonly yieldMs: number
  readonly staggerMs: number
  readonly probeWaitMs: number
}

/** Another member is asked first, and then switched off; in milliseconds. */
export interface FenceTimes {
  readonly mode: FencingMode
  /** How long one that answers has to let go. */
  readonly consentMs: number
  /** For a question to it that is not answered; it is asked before the consent and at its end. */
  readonly askMs: number
  /** Of the slowest device, all of its tries. */
  readonly deviceMs: number
}

/** Whatever says how long something takes: the file but for its services. */
export interface Surroundings {
  readonly cluster: ClusterConfig
  readonly fencing?: FencingConfig | undefined
}

export function timesOf(service: ServiceConfig, { cluster, fencing }: Surroundings): ServiceTimes {
  const { arbiter, heartbeat } = cluster
  const lease = arbiter.type === 'none' ? undefined : timingChain({ ttlMs: arbiter.ttlMs }).timing
  const { check } = service
  const look = lookCheck(service)
  const lookMs = Math.min(check.intervalMs, LOOK_MS)
  return {
    clockRateError: lease?.clockRateError ?? timingDefaults.clockRateError,
    heartbeat: { intervalMs: heartbeat.intervalMs, timeoutMs: heartbeat.detector.timeoutMs, rise: heartbeatDefaults.rise },
    lease,
    check: { intervalMs: check.intervalMs, fastMs: check.fastIntervalMs ?? check.intervalMs, timeoutMs: check.timeoutMs, fall: check.fall },
    look: look && { intervalMs: lookMs, fastMs: lookMs, timeoutMs: look.timeoutMs, fall: LOOK_FALL },
    resources: resourceTimesOf(service, cluster),
    fence: service.fencing && fenceTimes(service.fencing, service.members, fencing),
    gateRefreshMs: Math.min(vipDefaults.refreshMs, (lease?.ttlMs ?? Infinity) * vipDefaults.refreshShare),
    gateMarginMs: vipDefaults.gateMarginMs,
    tickMs: engineDefaults.tickMs,
    reportMs: engineDefaults.reportMs,
    yieldMs: Math.max(decisionDefaults.yieldMs, 2 * leaseWaitMs(arbiter)),
    staggerMs: staggerMs(arbiter),
    probeWaitMs: vipDefaults.probeWaitMs,
  }
}

function fenceTimes(mode: FencingMode, members: readonly string[], fencing: FencingConfig | undefined): FenceTimes {
  return {
    mode,
    consentMs: engineDefaults.consentMs,
    askMs: engineDefaults.reportTimeoutMs,
    deviceMs: Math.max(0, ...members.map((node) => fenceLevelsOf(fencing, node)?.allowedMs ?? 0)),
  }
}

/** What a management controller takes to log in, switch, and see that it is off: some seconds. */
const DEVICE_MS = 5_000

/** The same times, but for what devices and providers take as a rule: what a run has to be watched for. */
export function asSimulated(times: ServiceTimes): ServiceTimes {
  const outside = times.resources.outside.map((each) => ({ ...each, acquireMs: 2 * each.typicalMs, releaseMs: 2 * each.typicalMs }))
  return {
    ...times,
    resources: { ...times.resources, outside },
    // One that is only tried takes all of its time where it is dead.
    fence: times.fence && { ...times.fence, deviceMs: times.fence.mode === 'automatic' ? times.fence.deviceMs : deviceMsOf(times.fence) },
  }
}

/** How long a device takes that is well. */
export function deviceMsOf({ deviceMs }: Pick<FenceTimes, 'deviceMs'>): number {
  return Math.min(DEVICE_MS, deviceMs / 2)
}
