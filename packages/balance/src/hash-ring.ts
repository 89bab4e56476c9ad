import { misuse } from './errors.ts'

/** At most 4 MB of starts: with more points than that a look-up takes a few steps more. */
const MAX_START_BITS = 20

/** Points of a ring in columns of typed arrays: they take little memory, and reading them allocates nothing. */
export interface RingColumns {
  /** Upper halves of the points' hashes; of hashes with 32 bits, all of it. */
  readonly high: Uint32Array
  /** Lower halves. */
  readonly low: Uint32Array
  /** Whose point it is. */
  readonly owner: Uint32Array
}

/** A ring of hashes: a key belongs to the first point at or after its own hash, clockwise. Points are in ascending order. */
export interface HashRing extends RingColumns {
  /** For each value of the first bits of a hash the place of the first point that has them, or comes after: half of a look-up. */
  readonly starts: Uint32Array
  /** How far an upper half is moved to the right to leave those bits. */
  readonly shift: number
}

/** A point of a ring, for those who want to look at it or to compare it. */
export interface RingPoint {
  /** Unsigned: 64 bits in a ring of Envoy, 32 in one of ketama. */
  readonly hash: bigint
  /** Place of its host in the list that the ring was made from. */
  readonly index: number
}

/** @returns the place of the first point at or after the hash; 0 where there is none, as a ring goes on from its start */
export function findPoint({ high, low, starts, shift }: HashRing, hashHigh: number, hashLow: number): number {
  const bits = hashHigh >>> shift
  let from = starts[bits]!
  let to = starts[bits + 1]!
  while (from < to) {
    const middle = (from + to) >>> 1
    const upper = high[middle]!
    const isBefore = upper < hashHigh || (upper === hashHigh && low[middle]! < hashLow)
    if (isBefore) from = middle + 1
    else to = middle
  }
  return from === high.length ? 0 : from
}

/**
 * Puts points in order, byte by byte from the lowest. A radix sort keeps equals in the order that they came in, so the
 * host that was listed first has the point; and it is several times faster than a comparison of objects.
 */
export function toRing(points: RingColumns): HashRing {
  const sorted = sortedColumns(points)
  const { high } = sorted
  // About one point for each value.
  const bits = Math.min(MAX_START_BITS, Math.max(1, 32 - Math.clz32(high.length)))
  const shift = 32 - bits
  const starts = new Uint32Array(2 ** bits + 1)
  let place = 0
  for (let value = 0; value < 2 ** bits; value++) {
    while (place < high.length && high[place]! >>> shift < value) place++
    starts[value] = place
  }
  starts[2 ** bits] = high.length
  return { ...sorted, starts, shift }
}

function sortedColumns(points: RingColumns): RingColumns {
  let from = points
  let to = ringColumns(points.high.length)
  for (const half of ['low', 'high'] as const) {
    for (let shift = 0; shift < 32; shift += 8) {
      if (!deal(from, to, half, shift)) continue
      const dealt = to
      to = from
      from = dealt
    }
  }
  return from
}

export function ringColumns(size: number): RingColumns {
  return { high: new Uint32Array(size), low: new Uint32Array(size), owner: new Uint32Array(size) }
}

/** @param bits of a hash */
export function toPoints({ high, low, owner }: HashRing, bits: 32 | 64): RingPoint[] {
  return Array.from(owner, (index, place) => {
    const upper = BigInt(high[place]!)
    return { hash: bits === 32 ? upper : (upper << 32n) | BigInt(low[place]!), index }
  })
}

/**
 * Looks a hash up in a ring of {@link envoyRing} or {@link ketamaRing}: the first point whose hash is equal or greater,
 * and after the last point the first one again.
 *
 * @param ring in ascending order
 * @param hash of the key: for a ring of Envoy `xxh64(key)`, for one of ketama `ketamaHash(key)`
 * @returns the place of the host in the list that the ring was made from
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for a ring without points
 */
export function ringLookup(ring: readonly RingPoint[], hash: bigint): number {
  let from = 0
  let to = ring.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (ring[middle]!.hash < hash) from = middle + 1
    else to = middle
  }
  const point = ring[from] ?? ring[0]
  if (!point) throw misuse('ring look-up: the ring has no points: give it a host with a weight above 0')
  return point.index
}

/** @returns false where all points share this byte, and nothing was dealt */
function deal(from: RingColumns, to: RingColumns, half: 'high' | 'low', shift: number): boolean {
  const values = from[half]
  const starts = new Uint32Array(257)
  for (let place = 0; place < values.length; place++) starts[((values[place]! >>> shift) & 0xff) + 1]! += 1
  if (starts.includes(values.length)) return false
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!
  for (let place = 0; place < values.length; place++) {
    const byte = (values[place]! >>> shift) & 0xff
    const target = starts[byte]!
    starts[byte] = target + 1
    to.high[target] = from.high[place]!
    to.low[target] = from.low[place]!
    to.owner[target] = from.owner[place]!
  }
  return true
}
