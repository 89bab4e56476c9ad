import { type Random, systemRandom } from '@hotspare/core'
import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser } from './algorithm.ts'
import { DeadlineOrder } from './deadline-order.ts'
import { MAX_CHOICES, poolDefaults } from './defaults.ts'
import { Draw } from './draw.ts'
import { misuse, refuseUnknown, requireMethod } from './errors.ts'
import { haveEqualWeights } from './weights.ts'

export interface LeastRequestOptions {
  /** How many different targets are drawn and compared, 2 to 10. Default: 2 */
  readonly choices?: number | undefined
  /** How much open picks count where weights differ: `weight / (active + 1) ^ bias`. 0: not at all; 0 to 10. Default: 1 */
  readonly activeRequestBias?: number | undefined
  /** Where chance comes from. Default: the machine's generator */
  readonly random?: Random | undefined
}

/**
 * Draws `choices` different targets at random, each as likely as any other, and takes the one with the fewest active
 * requests; of equals, a random one. Two choices are nearly as good as looking at all, and do not send everybody to the
 * one target that just came up. Where weights differ, be it for the time of a slow start, targets are scheduled by
 * earliest deadline first instead, with `weight / (active + 1) ^ bias`, as Envoy does: a lottery among equals could not
 * keep the shares of targets that are idle. Such a pick takes time in proportion to the number of targets.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function leastRequest(options: LeastRequestOptions = {}): Algorithm {
  refuseUnknown('least request', options, ['choices', 'activeRequestBias', 'random'])
  const { choices = poolDefaults.choices, activeRequestBias = poolDefaults.activeRequestBias, random = systemRandom } = options
  requireMethod('least request', 'random', random, 'next')
  if (!Number.isInteger(choices) || choices < 2 || choices > MAX_CHOICES) {
    throw misuse(`least request: choices is ${choices}: write a whole number from 2 to ${MAX_CHOICES}`)
  }
  if (!(typeof activeRequestBias === 'number' && activeRequestBias >= 0 && activeRequestBias <= MAX_BIAS)) {
    throw misuse(`least request: activeRequestBias is ${activeRequestBias}: write a number from 0 to ${MAX_BIAS}`)
  }
  return {
    name: 'least-request',
    keyed: false,
    start: (size) => new LeastRequest(size, new Draw(choices, random), activeRequestBias),
  }
}

/** Beyond it, a target with a single open pick would wait for the end of the order. */
const MAX_BIAS = 10

class LeastRequest implements Chooser {
  readonly #draw: Draw
  readonly #order: DeadlineOrder
  readonly #weightOf: (candidate: Candidate) => number
  #weightsDiffer = false

  constructor(size: number, draw: Draw, bias: number) {
    this.#draw = draw
    this.#order = new DeadlineOrder(size)
    this.#weightOf = bias === 1 ? weightByActive : ({ weight, active }) => weight / (active + 1) ** bias
  }

  prepare(members: readonly Candidate[]): void {
    this.#weightsDiffer = !haveEqualWeights(members)
  }

  choose<Member extends Candidate>({ members, ramping }: Candidates<Member>, { exclude }: ChooseContext): Member | undefined {
    if (this.#weightsDiffer || ramping) return this.#order.choose(members, exclude, this.#weightOf)
    return this.#draw.best(members, exclude, isIdler)
  }
}

function weightByActive({ weight, active }: Candidate): number {
  return weight / (active + 1)
}

function isIdler(candidate: Candidate, than: Candidate): boolean {
  return candidate.active < than.active
}
