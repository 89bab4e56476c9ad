/** Where chance comes from: injected, so that every decision can be replayed. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

/** The machine's own generator; not for secrets. */
export const systemRandom: Random = { next: () => Math.random() }

/**
 * A generator that gives the same sequence for the same seed (mulberry32: 32 bits of state, period 2^32).
 * For tests, simulations and picks that must be repeatable; not for secrets.
 *
 * @param seed any integer; its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
