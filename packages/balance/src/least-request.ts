import { type Random, systemRandom } from '@hotspare/core'
import type { Algorithm, Candidate } from './algorithm.ts'
import { MAX_CHOICES, poolDefaults } from './defaults.ts'
import { misuse, refuseUnknown } from './errors.ts'

export interface LeastRequestOptions {
  /** How many different targets are drawn and compared, 2 to 10. Default: 2 */
  readonly choices?: number | undefined
  /** Where chance comes from. Default: the machine's generator */
  readonly random?: Random | undefined
}

/**
 * Draws `choices` different targets at random, each as likely as any other, and takes the one with the fewest active
 * requests for its weight (`active / weight`); of equals, the first one drawn, so a random one. Two choices are nearly
 * as good as looking at all, and do not send everybody to the one target that just came up.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function leastRequest(options: LeastRequestOptions = {}): Algorithm {
  refuseUnknown('least request', options, ['choices', 'random'])
  const { choices = poolDefaults.choices, random = systemRandom } = options
  if (!Number.isInteger(choices) || choices < 2 || choices > MAX_CHOICES) {
    throw misuse(`least request: choices is ${choices}: write a whole number from 2 to ${MAX_CHOICES}`)
  }
  return {
    name: 'least-request',
    start() {
      /** The first `count` are the places drawn for this pick, in ascending order. Of fixed length and kept between picks, so that a pick allocates nothing. */
      const drawn = new Int32Array(choices)
      return (candidates, exclude) => {
        const skipped = countExcluded(candidates, exclude)
        const available = candidates.length - skipped
        let best: (typeof candidates)[number] | undefined
        for (let count = 0; count < choices && count < available; count++) {
          const place = drawAnother(drawn, count, available, random)
          const candidate = skipped === 0 ? candidates[place] : nthNotExcluded(candidates, exclude, place)
          if (candidate && (!best || isLessLoaded(candidate, best))) best = candidate
        }
        return best
      }
    },
  }
}

/** Compares `active / weight` without the rounding of a division. */
function isLessLoaded(candidate: Candidate, than: Candidate): boolean {
  return candidate.active * than.weight < than.active * candidate.weight
}

/** Draws a place in [0, size) that is not among the first `count` of `drawn`, each with the same chance, and puts it there in order. */
function drawAnother(drawn: Int32Array, count: number, size: number, random: Random): number {
  let place = Math.floor(random.next() * (size - count))
  let slot = 0
  while (slot < count && drawn[slot]! <= place) {
    place++
    slot++
  }
  for (let shifted = count; shifted > slot; shifted--) drawn[shifted] = drawn[shifted - 1]!
  drawn[slot] = place
  return place
}

function countExcluded(candidates: readonly Candidate[], exclude: ReadonlySet<string> | undefined): number {
  if (!exclude || exclude.size === 0) return 0
  let count = 0
  for (const { id } of candidates) if (exclude.has(id)) count++
  return count
}

function nthNotExcluded<Member extends Candidate>(
  candidates: readonly Member[],
  exclude: ReadonlySet<string> | undefined,
  place: number,
): Member | undefined {
  let left = place
  for (const candidate of candidates) {
    if (exclude?.has(candidate.id)) continue
    if (left === 0) return candidate
    left--
  }
  return undefined
}
