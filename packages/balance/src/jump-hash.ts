import { misuse } from './errors.ts'
import { multiplyHigh, readBigInt } from './uint64.ts'

/** The multiplier of the paper's generator, 2862933555777941757, as halves. */
const FACTOR_HIGH = 0x27bb2ee6
const FACTOR_LOW = 0x87b0b0fd

/**
 * Jump consistent hash (Lamping and Veach, A Fast, Minimal Memory, Consistent Hash Algorithm, 2014): no table, and
 * shares as even as chance. Buckets are numbered, so only the last one can be added or removed without moving keys
 * between the others.
 *
 * @param key its lower 64 bits count; use a hash
 * @param buckets how many: a whole number from 1 to 2^31 - 1
 * @returns a bucket, from 0
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function jumpHash(key: bigint, buckets: number): number {
  if (!Number.isInteger(buckets) || buckets < 1 || buckets >= 2 ** 31) {
    throw misuse(`jump hash: there are ${String(buckets)} buckets: write a whole number from 1 to ${2 ** 31 - 1}`)
  }
  const hash = { high: 0, low: 0 }
  readBigInt(key, hash)
  return jump(hash.high, hash.low, buckets)
}

/** Allocates nothing. */
export function jump(keyHigh: number, keyLow: number, buckets: number): number {
  let high = keyHigh | 0
  let low = keyLow | 0
  let bucket = -1
  let following = 0
  while (following < buckets) {
    bucket = following
    high = multiplyHigh(high, low, FACTOR_HIGH, FACTOR_LOW)
    low = (Math.imul(low, FACTOR_LOW) + 1) | 0
    if (low === 0) high = (high + 1) | 0
    following = Math.floor((bucket + 1) * (2 ** 31 / ((high >>> 1) + 1)))
  }
  return bucket
}
