import type { Hash64 } from './algorithm.ts'
import { nextSmooth } from './round-robin.ts'

/** Divides picks over a few parts, in exact proportion: one after the other in a smooth order, or each key to its own. */
export class Shares {
  readonly #weights: Float64Array
  readonly #current: Float64Array
  #total = 0

  constructor(parts: number) {
    this.#weights = new Float64Array(parts)
    this.#current = new Float64Array(parts)
  }

  /** Gives each part its weight, 0 or more; the order begins anew where that changes anything. */
  set(weights: ArrayLike<number>): void {
    if (this.#weights.every((weight, part) => weight === weights[part])) return
    this.adjust(weights)
    this.#current.fill(0)
  }

  /** The same, while the order goes on: for weights that move a little with each pick. */
  adjust(weights: ArrayLike<number>): void {
    this.#weights.set(weights)
    this.#total = this.#weights.reduce((total, weight) => total + weight, 0)
  }

  /** @returns the part whose turn it is; -1 where none has a weight */
  next(): number {
    return nextSmooth(this.#weights, this.#current)
  }

  /**
   * @param position from 0 to less than 1: where a key stands
   * @returns the part that the key belongs to, always the same while the weights are; -1 where none has a weight
   */
  of(position: number): number {
    let left = position * this.#total
    let last = -1
    for (let part = 0; part < this.#weights.length; part++) {
      const weight = this.#weights[part]!
      if (weight <= 0) continue
      last = part
      left -= weight
      if (left < 0) return part
    }
    return last
  }
}

/** @returns the hash modulo 100, by which Envoy chooses a priority too, as a part of 1: the middle of that percent */
export function positionForTier({ high, low }: Hash64): number {
  // 2^32 modulo 100 is 96.
  return ((((high % 100) * 96 + (low % 100)) % 100) + 0.5) / 100
}

/**
 * @returns a position that has nothing to do with the one for the tier, nor with the order of the hashes: a ring or a
 * table within a zone is used evenly all the same
 */
export function positionForZone({ high, low }: Hash64): number {
  // The finalizer of MurmurHash3.
  let mixed = high ^ low
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}
