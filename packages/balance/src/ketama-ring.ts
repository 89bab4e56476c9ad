import { KETAMA_DIGESTS, MAX_RING_SIZE } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'
import { type HashRing, ringColumns, type RingPoint, toPoints, toRing } from './hash-ring.ts'
import { type Host, readHosts } from './host.ts'
import { md5Words } from './md5.ts'
import { toUtf8 } from './utf8.ts'

export interface KetamaRingOptions {
  /** So many points at most, at least four for each host: above it, all hosts have fewer. 1 to 8,388,608. Default: 8,388,608 */
  readonly maximumRingSize?: number | undefined
}

/**
 * The ring of libketama (https://github.com/RJ/ketama, libketama/ketama.c), as memcached clients use it: the points of
 * a host are the four little-endian words of MD5 of `key-0`, `key-1`, ..., 160 for a weight of 1. Other weights count as
 * in nginx, 160 points for each 1 of weight, and not as in libketama, relative to the mean: so a host that comes or goes
 * never moves a key between the others.
 *
 * @returns the points in ascending order, hashes of 32 bits; none for no hosts
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function ketamaRing(hosts: readonly Host[], options: KetamaRingOptions = {}): RingPoint[] {
  refuseUnknown('ketama ring', options, ['maximumRingSize'])
  const { maximumRingSize = MAX_RING_SIZE } = options
  if (!Number.isInteger(maximumRingSize) || maximumRingSize < 1 || maximumRingSize > MAX_RING_SIZE) {
    throw misuse(`ketama ring: maximumRingSize is ${String(maximumRingSize)}: write a whole number from 1 to ${MAX_RING_SIZE}`)
  }
  return toPoints(buildKetamaRing(hosts, readHosts('ketama ring', hosts), maximumRingSize), 32)
}

/**
 * Where a key is on a ring of ketama: the first little-endian word of its MD5.
 *
 * @returns 32 bits, unsigned
 */
export function ketamaHash(key: string | Uint8Array): bigint {
  return BigInt(md5Words(typeof key === 'string' ? toUtf8(key) : key)[0]!)
}

/** @param weights of the hosts, in their order: 0 or more */
export function buildKetamaRing(hosts: readonly { readonly key: string }[], weights: Float64Array, maximumRingSize: number): HashRing {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const perWeight = Math.min(KETAMA_DIGESTS, maximumRingSize / 4 / total)
  const digests = Array.from(weights, (weight) => (weight > 0 ? Math.max(1, Math.round(weight * perWeight)) : 0))
  const points = ringColumns(digests.reduce((sum, count) => sum + count * 4, 0))
  let place = 0
  for (const [index, { key }] of hosts.entries()) {
    for (let number = 0; number < digests[index]!; number++) {
      for (const word of md5Words(toUtf8(`${key}-${number}`))) {
        points.high[place] = word
        points.owner[place] = index
        place++
      }
    }
  }
  return toRing(points)
}
