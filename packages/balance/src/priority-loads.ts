import { misuse } from './errors.ts'

/** How many of a level's hosts are in which state; whole numbers. */
export interface PriorityLevel {
  /** All of them, whatever their state. */
  readonly hosts: number
  readonly healthy: number
  /** Not counted in `healthy`. Default: 0 */
  readonly degraded?: number | undefined
  /** Nothing is known of them yet, so they speak neither for nor against their level. Default: 0 */
  readonly excluded?: number | undefined
}

export interface PriorityLoadsOptions {
  /**
   * How much more a level can carry than it has to: with 1.4 a level keeps all of its load until fewer than 72 % of its
   * hosts are healthy. Taken in whole percents; 1 or more, `Infinity`: one healthy host carries all. Default: 1.4
   */
  readonly overprovisioningFactor?: number | undefined
  /** Percent of a level's hosts, 0 to 100: with fewer that are healthy or degraded the level is in panic. 0: never. Default: 50 */
  readonly panicThreshold?: number | undefined
}

/** One entry for each level, in their order. All loads together are 100. */
export interface PriorityLoads {
  /** Percent of the traffic for the level's healthy hosts; for all of its hosts where it is in panic. */
  readonly healthy: number[]
  /** Percent of the traffic for the level's degraded hosts; for all of its hosts where it is in panic. */
  readonly degraded: number[]
  /** Whether the level uses all of its hosts, whatever their health. */
  readonly panic: boolean[]
}

/**
 * How traffic divides over levels of preference, in the integer arithmetic of Envoy (`LoadBalancerBase` in its
 * load_balancer_impl.cc): a level's availability is `min(100, floor(factor * healthy / (hosts - excluded)))`; where all
 * together are 100 or more, each takes its own from what the levels before it left; where they are less, they are scaled
 * up. Degraded hosts take what is then left in the same way, and what rounding leaves goes to the first level that has
 * healthy hosts, or else degraded ones. Only where the availabilities add up to less than 100 may a level be in panic; if
 * all are, the traffic divides by their numbers of hosts. With nobody available and a threshold of 0, the first level
 * has 100, and nobody to take it.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function priorityLoads(levels: readonly PriorityLevel[], options: PriorityLoadsOptions = {}): PriorityLoads {
  const { overprovisioningFactor = 1.4, panicThreshold = 50 } = options
  checkFactor('priority loads', overprovisioningFactor)
  checkThreshold('priority loads', panicThreshold)
  for (const [index, level] of levels.entries()) checkLevel(level, index)
  const percent = Math.round(overprovisioningFactor * 100)
  const healthy = levels.map((level) => availability(level, level.healthy, percent))
  const degraded = levels.map((level) => availability(level, level.degraded ?? 0, percent))
  const total = Math.min(100, sum(healthy) + sum(degraded))
  const panic = levels.map((level) => total < 100 && isInPanic(level, panicThreshold))
  if (levels.length > 0 && panic.every(Boolean)) return { healthy: byHosts(levels), degraded: levels.map(() => 0), panic }
  return { ...distribute(healthy, degraded, total), panic }
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` */
export function checkFactor(who: string, factor: unknown): void {
  // More than a million hosts to a level is not foreseen, and the product must stay exact.
  if (typeof factor === 'number' && factor >= 1 && (factor <= 1_000 || factor === Infinity)) return
  throw misuse(`${who}: overprovisioningFactor is ${String(factor)}: write a number from 1 to 1000, or Infinity`)
}

/** @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` */
export function checkThreshold(who: string, percent: unknown): void {
  if (typeof percent === 'number' && percent >= 0 && percent <= 100) return
  throw misuse(`${who}: panicThreshold is ${String(percent)}: write a percentage from 0 (never) to 100`)
}

function checkLevel({ hosts, healthy, degraded = 0, excluded = 0 }: PriorityLevel, index: number): void {
  const counts = [hosts, healthy, degraded, excluded]
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw misuse(`priority loads: level ${index}: write whole numbers of hosts, 0 or more`)
  }
  if (healthy + degraded + excluded <= hosts) return
  throw misuse(`priority loads: level ${index}: healthy, degraded and excluded are ${healthy + degraded + excluded} of ${hosts} hosts`)
}

function availability({ hosts, excluded = 0 }: PriorityLevel, available: number, percent: number): number {
  const counted = hosts - excluded
  if (counted === 0 || available === 0) return 0
  return Math.min(100, Math.floor((percent * available) / counted))
}

function isInPanic({ hosts, healthy, degraded = 0, excluded = 0 }: PriorityLevel, threshold: number): boolean {
  const counted = hosts - excluded
  // One comparison without a division: rounding decides nothing.
  return counted === 0 ? threshold > 0 : (healthy + degraded) * 100 < threshold * counted
}

function distribute(healthy: readonly number[], degraded: readonly number[], total: number): Omit<PriorityLoads, 'panic'> {
  let remaining = 100
  const take = (available: number): number => {
    const load = total === 0 ? 0 : Math.min(remaining, Math.floor((available * 100) / total))
    remaining -= load
    return load
  }
  const loads = { healthy: healthy.map(take), degraded: degraded.map(take) }
  const firstHealthy = healthy.findIndex((available) => available > 0)
  const firstDegraded = degraded.findIndex((available) => available > 0)
  if (firstHealthy === -1 && firstDegraded !== -1) loads.degraded[firstDegraded]! += remaining
  else if (healthy.length > 0) loads.healthy[Math.max(0, firstHealthy)]! += remaining
  return loads
}

function byHosts(levels: readonly PriorityLevel[]): number[] {
  const total = levels.reduce((count, { hosts }) => count + hosts, 0)
  const loads = levels.map(({ hosts }) => (total === 0 ? 0 : Math.floor((100 * hosts) / total)))
  const first = levels.findIndex(({ hosts }) => hosts > 0)
  loads[Math.max(0, first)]! += 100 - sum(loads)
  return loads
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
