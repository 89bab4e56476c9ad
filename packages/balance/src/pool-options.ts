import { type Clock, systemClock } from '@hotspare/core'
import type { Algorithm } from './algorithm.ts'
import { poolDefaults } from './defaults.ts'
import { misuse, refuseUnknown, requireMethod } from './errors.ts'
import { checkFactor, checkThreshold } from './priority-loads.ts'
import { roundRobin } from './round-robin.ts'
import { type Ramp, readSlowStart, type SlowStartOptions } from './slow-start.ts'
import type { PoolTarget } from './target.ts'
import { readZones, type ZoneWeights } from './zones.ts'

export interface PoolOptions<Target extends PoolTarget> {
  /** In the order that breaks ties. None is allowed: the pool then picks nothing. */
  readonly targets: readonly Target[]
  /** How picks spread over targets of equal preference. Default: `roundRobin()` */
  readonly algorithm?: Algorithm | undefined
  /** Whether targets that are down are tried at all. Default: true */
  readonly panic?: boolean | undefined
  /** How much more a tier can carry than it has to, from 1: with 1.4 it gives load away once fewer than 72 % of it are healthy. Default: `Infinity`, a tier serves while it has one healthy target */
  readonly overprovisioningFactor?: number | undefined
  /** Percent, 0 to 100: a tier with fewer healthy or degraded targets uses all that it has, where the others cannot carry the rest. Without effect if `panic` is false. Default: 0, never while there is a better one */
  readonly panicThreshold?: number | undefined
  /** Which share of a tier's traffic each zone has; then each target names its zone. Default: zones count for nothing */
  readonly zoneWeights?: ZoneWeights | undefined
  /** Targets and tiers that come back get their traffic step by step. Default: at once */
  readonly slowStart?: SlowStartOptions | undefined
  /** Where time comes from, for slow starts and `peakEwma()`. Default: the machine's clock */
  readonly clock?: Clock | undefined
}

export interface ReadPoolOptions {
  readonly algorithm: Algorithm
  readonly panic: boolean
  readonly overprovisioningFactor: number
  readonly panicThreshold: number
  readonly zoneWeights: ZoneWeights
  readonly zones: readonly string[]
  readonly slowStart: Ramp | undefined
  readonly clock: Clock
}

/**
 * @returns the options with their defaults, without the targets
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function readPoolOptions<Target extends PoolTarget>(options: PoolOptions<Target>): ReadPoolOptions {
  refuseUnknown('pool', options, [
    'targets',
    'algorithm',
    'panic',
    'overprovisioningFactor',
    'panicThreshold',
    'zoneWeights',
    'slowStart',
    'clock',
  ])
  const { algorithm = roundRobin(), panic = poolDefaults.panic, zoneWeights, slowStart, clock = systemClock } = options
  const { overprovisioningFactor = poolDefaults.overprovisioningFactor, panicThreshold = poolDefaults.panicThreshold } = options
  checkTargets(options.targets)
  checkAlgorithm(algorithm)
  requireMethod('pool', 'clock', clock, 'monotonicMs')
  if (typeof panic !== 'boolean') throw misuse(`pool: panic is ${String(panic)}: write true or false`)
  checkFactor('pool', overprovisioningFactor)
  checkThreshold('pool', panicThreshold)
  return {
    algorithm,
    panic,
    overprovisioningFactor,
    panicThreshold: panic ? panicThreshold : 0,
    zoneWeights: zoneWeights ?? {},
    zones: readZones(zoneWeights, options.targets),
    slowStart: slowStart && readSlowStart(slowStart),
    clock,
  }
}

function checkTargets(targets: unknown): void {
  if (!Array.isArray(targets)) throw misuse('pool: targets is no list: write one, which may be empty')
  const place = targets.findIndex((target) => typeof target !== 'object' || target === null)
  if (place !== -1) throw misuse(`target number ${place + 1} is no object: write one like { id: 'a' }`)
}

/** From a file an algorithm comes as a name; and who forgets the call gives what makes one. */
function checkAlgorithm(algorithm: unknown): void {
  if (typeof algorithm === 'object' && algorithm !== null && 'start' in algorithm && typeof algorithm.start === 'function') return
  const given = typeof algorithm === 'string' ? `the text "${algorithm}"` : typeof algorithm === 'function' ? 'a function' : 'none'
  throw misuse(`pool: algorithm is ${given}: write what roundRobin() or another of them gives`)
}
