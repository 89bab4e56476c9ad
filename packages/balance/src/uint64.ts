/*
 * 64-bit arithmetic on two 32-bit halves: a BigInt would be allocated for every step of a hash. Halves come in and go
 * out as 32-bit patterns, signed or not: whoever shows one to others makes it unsigned with `>>> 0`.
 */

/** A 64-bit number that is written anew for each hash; its halves are unsigned. */
export interface Uint64 {
  high: number
  low: number
}

/** The upper half of a 64-bit product; the lower half is `Math.imul(aLow, bLow)`. */
export function multiplyHigh(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  return (upperOf32(aLow, bLow) + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) | 0
}

/** What the upper half of a sum gets on top, where `sum` is the lower half of it and `addend` one of the two added. */
export function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0
}

/** The upper 32 bits of the product of two 32-bit numbers, by their 16-bit halves, whose products are exact. */
function upperOf32(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)
  const cross = Math.imul(aLow, bHigh) + (middle & 0xffff)
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (cross >>> 16)) | 0
}

/**
 * Spreads every bit of a number over all 64, one to one: the finaliser of SplitMix64 (Steele, Lea and Flood, Fast
 * Splittable Pseudorandom Number Generators, 2014; constants of Stafford's variant 13).
 */
export function mixInto(high: number, low: number, out: Uint64): void {
  let h = high ^ (high >>> 30)
  let l = low ^ ((low >>> 30) | (high << 2))
  let raised = multiplyHigh(h, l, 0xbf58476d, 0x1ce4e5b9)
  l = Math.imul(l, 0x1ce4e5b9)
  h = raised ^ (raised >>> 27)
  l ^= (l >>> 27) | (raised << 5)
  raised = multiplyHigh(h, l, 0x94d049bb, 0x133111eb)
  l = Math.imul(l, 0x133111eb)
  out.high = (raised ^ (raised >>> 31)) >>> 0
  out.low = (l ^ ((l >>> 31) | (raised << 1))) >>> 0
}

export function toBigInt({ high, low }: Readonly<Uint64>): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}

/** Written and read within one call: shifting a BigInt allocates, and takes ten times as long. */
const scratch = new DataView(new ArrayBuffer(8))

/** Takes the lower 64 bits, as in C. */
export function readBigInt(value: bigint, out: Uint64): void {
  scratch.setBigUint64(0, value)
  out.high = scratch.getUint32(0)
  out.low = scratch.getUint32(4)
}
