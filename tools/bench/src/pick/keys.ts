import { seededRandom } from '@hotspare/core'

/** More than any cache of a peer keeps, and a power of two, so that going round them costs no division. */
const KEYS = 65_536

/** Hashes of 64 bits, as halves: the same for every subject. */
export interface ReadyHashes {
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** To be laid over a counter, so that it goes round. */
  readonly mask: number
}

export function readyHashes(): ReadyHashes {
  const random = seededRandom(6)
  const draw = () => Uint32Array.from({ length: KEYS }, () => random.next() * 2 ** 32)
  return { high: draw(), low: draw(), mask: KEYS - 1 }
}

/** @returns texts as requests have them: addresses with a path */
export function textKeys(count: number = KEYS): readonly string[] {
  // Through bytes: what is put together of parts is copied by whoever reads it first, and would be charged to them.
  return Array.from({ length: count }, (_, number) => Buffer.from(`192.0.2.${number % 256}/shop/${number}`).toString())
}

/** @returns names as the peers want to read them: an address and a port */
export function serverNames(targets: number): readonly string[] {
  return Array.from({ length: targets }, (_, number) => `10.0.${number >> 8}.${number & 255}:8080`)
}
