import type { Random } from '@hotspare/core'
import type { Candidate } from './algorithm.ts'

/** Draws a few different candidates, each as likely as any other, and keeps the best of them. */
export class Draw {
  readonly #choices: number
  readonly #random: Random
  /** The first ones are the places drawn for this pick, in ascending order. Of fixed length and kept between picks, so that a pick allocates nothing. */
  readonly #drawn: Int32Array

  constructor(choices: number, random: Random) {
    this.#choices = choices
    this.#random = random
    this.#drawn = new Int32Array(choices)
  }

  /**
   * @param isBetter whether the first is better than the second; of equals, the one that was drawn first is kept, so a random one
   * @returns undefined where `exclude` names all members
   */
  best<Member extends Candidate>(
    members: readonly Member[],
    exclude: ReadonlySet<string> | undefined,
    isBetter: (candidate: Candidate, than: Candidate) => boolean,
  ): Member | undefined {
    const skipped = countExcluded(members, exclude)
    const available = members.length - skipped
    let best: Member | undefined
    for (let count = 0; count < this.#choices && count < available; count++) {
      const place = this.#another(count, available)
      const candidate = skipped === 0 ? members[place] : nthNotExcluded(members, exclude, place)
      if (candidate && (!best || isBetter(candidate, best))) best = candidate
    }
    return best
  }

  /** Draws a place in [0, size) that is not among the first `count`, each with the same chance, and puts it there in order. */
  #another(count: number, size: number): number {
    const drawn = this.#drawn
    let place = Math.floor(this.#random.next() * (size - count))
    let slot = 0
    while (slot < count && drawn[slot]! <= place) {
      place++
      slot++
    }
    for (let shifted = count; shifted > slot; shifted--) drawn[shifted] = drawn[shifted - 1]!
    drawn[slot] = place
    return place
  }
}

export function countExcluded(members: readonly Candidate[], exclude: ReadonlySet<string> | undefined): number {
  if (!exclude || exclude.size === 0) return 0
  let count = 0
  for (const { id } of members) if (exclude.has(id)) count++
  return count
}

/** @param place from 0, among those that `exclude` does not name */
export function nthNotExcluded<Member extends Candidate>(
  members: readonly Member[],
  exclude: ReadonlySet<string> | undefined,
  place: number,
): Member | undefined {
  let left = place
  for (const candidate of members) {
    if (exclude?.has(candidate.id)) continue
    if (left === 0) return candidate
    left--
  }
  return undefined
}
