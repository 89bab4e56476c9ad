import type { Random } from '@hotspare/core'
import { CLOCK_RATE_ERROR } from './site-defaults.ts'

/** What a schedule is drawn with. Times are rounded: what is printed is what is run. */
export class Draws {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  between(least: number, most: number): number {
    return rounded(least + this.#random.next() * (most - least))
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random.next() * items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** @returns the index of a weight, as often as it is heavy */
  weighted(weights: readonly number[]): number {
    let left = this.#random.next() * weights.reduce((sum, weight) => sum + weight, 0)
    return Math.max(
      0,
      weights.findIndex((weight) => (left -= weight) < 0),
    )
  }

  /** The same items, from another one on. */
  rotated<Item>(items: readonly Item[]): readonly Item[] {
    const from = Math.floor(this.#random.next() * items.length)
    return [...items.slice(from), ...items.slice(0, from)]
  }

  /** As often as not as far off as may be: that is where margins are too small. */
  clockRate(): number {
    const off = 2 * this.#random.next() - 1
    return 1 + (this.chance(0.5) ? Math.sign(off) : rounded(off)) * CLOCK_RATE_ERROR
  }
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
