import { type Random, systemRandom } from '@hotspare/core'
import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser } from './algorithm.ts'
import { countExcluded, nthNotExcluded } from './draw.ts'
import { refuseUnknown, requireMethod } from './errors.ts'
import { haveEqualWeights } from './weights.ts'

export interface RandomOptions {
  /** Where chance comes from. Default: the machine's generator */
  readonly random?: Random | undefined
}

/**
 * Each target with a chance in proportion to its weight, whatever came before: many processes that do not know of each
 * other never fall into step. Loads differ more than with any other algorithm here.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function random(options: RandomOptions = {}): Algorithm {
  refuseUnknown('random', options, ['random'])
  const { random: chance = systemRandom } = options
  requireMethod('random', 'random', chance, 'next')
  return { name: 'random', keyed: false, start: () => new RandomChoice(chance) }
}

class RandomChoice implements Chooser {
  readonly #random: Random
  #weightsDiffer = false

  constructor(chance: Random) {
    this.#random = chance
  }

  prepare(members: readonly Candidate[]): void {
    this.#weightsDiffer = !haveEqualWeights(members)
  }

  choose<Member extends Candidate>({ members, ramping }: Candidates<Member>, { exclude }: ChooseContext): Member | undefined {
    if (this.#weightsDiffer || ramping) return this.#byWeight(members, exclude)
    const available = members.length - countExcluded(members, exclude)
    if (available === 0) return undefined
    const place = Math.floor(this.#random.next() * available)
    return available === members.length ? members[place] : nthNotExcluded(members, exclude, place)
  }

  #byWeight<Member extends Candidate>(members: readonly Member[], exclude: ReadonlySet<string> | undefined): Member | undefined {
    let total = 0
    for (const { id, weight } of members) if (!exclude?.has(id)) total += weight
    let left = this.#random.next() * total
    let last: Member | undefined
    for (const candidate of members) {
      if (exclude?.has(candidate.id)) continue
      last = candidate
      left -= candidate.weight
      if (left < 0) return candidate
    }
    // Rounding may leave a trace of the total.
    return last
  }
}
