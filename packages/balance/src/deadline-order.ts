import type { Candidate } from './algorithm.ts'

/**
 * From here on time begins anew: in a double much later than that, `1 / weight` of the heaviest would be lost in the sum,
 * and with it all weights. A single turn may lead far beyond, for a weight next to nothing or a great many open picks.
 */
const LATEST = 2 ** 20

/** Of weights so small that their inverse is endless: sums of it stay numbers. */
const LONGEST_WAIT = 1e200

/**
 * Earliest deadline first: each target is due `1 / weight` after its last turn, in a time that moves with the picks; of
 * equals, the one that waits longer comes first. Shares are in proportion to the weights, and, other than with a lottery,
 * evenly spread. A weight may change at any time and counts at once. Who could not be picked for a while is due at once
 * when it is back, and catches up on nothing.
 */
export class DeadlineOrder {
  readonly #lastTurn: Float64Array
  readonly #turn: Float64Array
  #turns: number
  #now = 0

  constructor(size: number) {
    this.#lastTurn = new Float64Array(size)
    this.#turn = Float64Array.from({ length: size }, (_, index) => index)
    this.#turns = size
  }

  /** @param weightOf greater than 0; of the moment */
  choose<Member extends Candidate>(
    members: readonly Member[],
    exclude: ReadonlySet<string> | undefined,
    weightOf: (candidate: Candidate) => number,
  ): Member | undefined {
    let best: Member | undefined
    let bestDue = Infinity
    for (const candidate of members) {
      if (exclude?.has(candidate.id)) continue
      const { index } = candidate
      const due = Math.max(this.#now, this.#lastTurn[index]! + Math.min(1 / weightOf(candidate), LONGEST_WAIT))
      if (best && (due > bestDue || (due === bestDue && this.#turn[index]! > this.#turn[best.index]!))) continue
      best = candidate
      bestDue = due
    }
    if (!best) return undefined
    this.#lastTurn[best.index] = bestDue
    this.#turn[best.index] = this.#turns++
    // Who was left out for this pick alone keeps its turn: time does not pass it by.
    if (!exclude || exclude.size === 0) this.#now = bestDue
    if (this.#now > LATEST) this.#beginAnew()
    return best
  }

  #beginAnew(): void {
    for (let index = 0; index < this.#lastTurn.length; index++) this.#lastTurn[index]! -= this.#now
    this.#now = 0
  }
}
