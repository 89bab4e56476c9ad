import { misuse } from './errors.ts'
import { readBigInt, type Uint64 } from './uint64.ts'
import { MAX_UNIT_BYTES, writeUtf8 } from './utf8.ts'
import { writeXxh64 } from './xxh64.ts'

/** What a request is told apart by: a text counts as its UTF-8; a bigint is a hash already, and is taken as it is. */
export type Key = string | Uint8Array | bigint

/** Longer texts are hashed from a buffer of their own, so that one of them does not keep its memory for ever. */
const KEPT_UNITS = 1024

/**
 * Makes what hashes keys for one pool: XXH64 with a seed of 0, without an allocation for texts of up to
 * {@link KEPT_UNITS} units and for bytes.
 *
 * @returns a function that writes the hash of a key into `out`; it throws HotspareError `HOTSPARE_BALANCE_OPTIONS` for
 * what is no key: all numbers, taken for bytes without a length, would have one hash, and go to one target
 */
export function createKeyHash(): (key: Key, out: Uint64) => void {
  const kept = new Uint8Array(KEPT_UNITS * MAX_UNIT_BYTES)
  return (key, out) => {
    if (typeof key === 'bigint') return readBigInt(key, out)
    if (typeof key !== 'string') return writeXxh64(bytesOf(key), key.length, 0, 0, out)
    const bytes = key.length <= KEPT_UNITS ? kept : new Uint8Array(key.length * MAX_UNIT_BYTES)
    return writeXxh64(bytes, writeUtf8(key, bytes), 0, 0, out)
  }
}

function bytesOf(key: Uint8Array): Uint8Array {
  // By its tag: test runners and frames have a Uint8Array of their own each.
  if (key?.[Symbol.toStringTag] === 'Uint8Array') return key
  throw misuse(
    `a key is ${key === null ? 'null' : `of the type ${typeof key}`}: write a text, such as String(user), bytes, or a bigint that is a hash`,
  )
}
