import type { Hash64 } from './algorithm.ts'
import { mixInto, type Uint64 } from './uint64.ts'

/**
 * Hashes for requests without a key: the sequence of SplitMix64 from a seed of 0, so that they spread evenly, and the
 * same way after a restart.
 *
 * @returns a function whose object is written anew by each call
 */
export function rotatingHash(): () => Hash64 {
  const state: Uint64 = { high: 0, low: 0 }
  const hash: Uint64 = { high: 0, low: 0 }
  return () => {
    const low = state.low + 0x7f4a7c15
    state.low = low >>> 0
    state.high = (state.high + 0x9e3779b9 + (low >= 2 ** 32 ? 1 : 0)) >>> 0
    mixInto(state.high, state.low, hash)
    return hash
  }
}
