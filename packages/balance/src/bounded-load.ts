import type { Algorithm, Candidate, Candidates, Chooser } from './algorithm.ts'
import { checkFactor, slotsBetween, slotsToShare } from './bounded-slots.ts'
import { keyedDefaults } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'

export interface BoundedLoadOptions {
  /** So much of its fair share of the requests under way may a target have: from 100. Default: 125 */
  readonly factorPercent?: number | undefined
}

/**
 * Keeps a keyed algorithm from overloading one target with keys that are much asked for: one that serves as many
 * requests as {@link boundedLoadSlots} gives it counts as out, and its keys go where the algorithm sends those of a
 * target that is out. They come back when it has finished some. A pick looks at every target.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`, also for an algorithm without keys
 */
export function boundedLoad(algorithm: Algorithm, options: BoundedLoadOptions = {}): Algorithm {
  refuseUnknown('bounded load', options, ['factorPercent'])
  const { factorPercent = keyedDefaults.factorPercent } = options
  checkFactor(factorPercent)
  if (!algorithm.keyed) throw misuse(`bounded load: ${algorithm.name} goes by no key: bound ring-hash, maglev, rendezvous or jump`)
  return {
    name: algorithm.name,
    keyed: true,
    start(size, means): Chooser {
      const inner = algorithm.start(size, means)
      const roomy = new Roomy(size, factorPercent)
      return {
        prepare: (members) => inner.prepare?.(members),
        choose(candidates, context) {
          roomy.look(candidates)
          const chosen = inner.choose(roomy, context)
          // Who has room may have been tried already, and one that is full beats none.
          return chosen ? candidates.at(chosen.index) : inner.choose(candidates, context)
        },
        finished: (candidate, outcome) => inner.finished?.(candidate, outcome),
      }
    },
  }
}

/** Those of the candidates of a pick who have room for one more request. One object for all picks, so that none allocates. */
class Roomy implements Candidates<Candidate> {
  readonly #factorPercent: number
  /** For each index the weight of all candidates before it. */
  readonly #before: Float64Array
  #candidates: Candidates<Candidate> | undefined
  #slots = 0
  #total = 0

  constructor(size: number, factorPercent: number) {
    this.#before = new Float64Array(size)
    this.#factorPercent = factorPercent
  }

  /** Adds up what the candidates of a pick serve and weigh. */
  look(candidates: Candidates<Candidate>): void {
    const { members } = candidates
    const before = this.#before
    let served = 0
    let total = 0
    for (let place = 0; place < members.length; place++) {
      const { index, active, weight } = members[place]!
      before[index] = total
      served += active
      total += weight
    }
    this.#candidates = candidates
    this.#slots = slotsToShare(served, this.#factorPercent)
    this.#total = total
  }

  /** A new list: algorithms ask for it only where hardly anybody has room. */
  get members(): readonly Candidate[] {
    return this.#candidates?.members.filter((member) => this.#hasRoom(member)) ?? []
  }

  get ramping(): boolean {
    return this.#candidates?.ramping ?? false
  }

  at(index: number): Candidate | undefined {
    const member = this.#candidates?.at(index)
    return member && this.#hasRoom(member) ? member : undefined
  }

  #hasRoom({ index, active, weight }: Candidate): boolean {
    return active < slotsBetween(this.#before[index]!, weight, this.#slots, this.#total)
  }
}
