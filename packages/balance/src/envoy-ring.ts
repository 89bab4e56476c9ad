import { MAX_RING_SIZE, keyedDefaults } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { type HashRing, ringColumns, type RingPoint, toPoints, toRing } from './hash-ring.ts'
import { type Host, readHosts } from './host.ts'
import type { Uint64 } from './uint64.ts'
import { MAX_UNIT_BYTES, writeUtf8 } from './utf8.ts'
import { writeXxh64 } from './xxh64.ts'

export interface EnvoyRingOptions {
  /** So many points at least, where `maximumRingSize` allows it: more of them share more evenly. 1 to 8,388,608. Default: 1024 */
  readonly minimumRingSize?: number | undefined
  /** So many points at most: a host whose weight is too small for one of them gets nothing. 1 to 8,388,608. Default: 8,388,608 */
  readonly maximumRingSize?: number | undefined
}

/**
 * The ring of Envoy's `ring_hash` with XX_HASH: the points of a host are XXH64 of `key_0`, `key_1`, ... The host of the
 * least weight gets a whole number of points, and the others as many more as their weight is greater
 * (https://github.com/envoyproxy/envoy, source/extensions/load_balancing_policies/ring_hash/ring_hash_lb.cc). The
 * number of points per host depends on the number of hosts: where one comes or goes, some keys move between the others.
 *
 * @param hosts in the order that decides who gets the odd point where weights give no whole numbers
 * @returns the points in ascending order; none for no hosts
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function envoyRing(hosts: readonly Host[], options: EnvoyRingOptions = {}): RingPoint[] {
  refuseUnknown('envoy ring', options, ['minimumRingSize', 'maximumRingSize'])
  const sizes = readRingSizes('envoy ring', options, MAX_RING_SIZE)
  return toPoints(buildEnvoyRing(hosts, readHosts('envoy ring', hosts), sizes), 64)
}

export interface RingSizes {
  readonly minimumRingSize: number
  readonly maximumRingSize: number
}

/**
 * Both sizes, checked.
 *
 * @param maximum where the options name none
 */
export function readRingSizes(who: string, options: EnvoyRingOptions, maximum: number): RingSizes {
  const { minimumRingSize = keyedDefaults.minimumRingSize, maximumRingSize = maximum } = options
  for (const [name, size] of [
    ['minimumRingSize', minimumRingSize],
    ['maximumRingSize', maximumRingSize],
  ] as const) {
    if (!Number.isInteger(size) || size < 1 || size > MAX_RING_SIZE) {
      throw misuse(`${who}: ${name} is ${String(size)}: write a whole number from 1 to ${MAX_RING_SIZE}`)
    }
  }
  if (minimumRingSize > maximumRingSize) {
    throw misuse(
      `${who}: minimumRingSize (${minimumRingSize}) is above maximumRingSize (${maximumRingSize}): lower the one or raise the other`,
    )
  }
  return { minimumRingSize, maximumRingSize }
}

/** @param weights of the hosts, in their order: 0 or more */
export function buildEnvoyRing(
  hosts: readonly { readonly key: string }[],
  weights: Float64Array,
  { minimumRingSize, maximumRingSize }: RingSizes,
): HashRing {
  // In Envoy's own order of steps, as they round.
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const shares = weights.map((weight) => weight / total)
  const least = shares.reduce((lowest, share) => (share > 0 && share < lowest ? share : lowest), 1)
  const scale = total > 0 ? Math.min(Math.ceil(least * minimumRingSize) / least, maximumRingSize) : 0
  const counts = pointCounts(shares, scale)
  const points = ringColumns(counts.reduce((sum, count) => sum + count, 0))
  const hash: Uint64 = { high: 0, low: 0 }
  let place = 0
  for (const [index, { key }] of hosts.entries()) {
    const count = counts[index]!
    const bytes = new Uint8Array((key.length + 8) * MAX_UNIT_BYTES)
    const prefix = writeUtf8(`${key}_`, bytes)
    for (let number = 0; number < count; number++, place++) {
      writeXxh64(bytes, prefix + writeUtf8(String(number), bytes.subarray(prefix)), 0, 0, hash)
      points.high[place] = hash.high
      points.low[place] = hash.low
      points.owner[place] = index
    }
  }
  return toRing(points)
}

/** A running sum on both sides, so that what one host is rounded up by is taken from the next. */
function pointCounts(shares: Float64Array, scale: number): Uint32Array {
  const counts = new Uint32Array(shares.length)
  let reached = 0
  let wanted = 0
  for (const [index, share] of shares.entries()) {
    wanted += scale * share
    while (reached < wanted) {
      reached++
      counts[index]! += 1
    }
  }
  return counts
}
