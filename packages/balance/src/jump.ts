import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser, Hash64 } from './algorithm.ts'
import { allowed } from './allowed.ts'
import { jump as jumpTo } from './jump-hash.ts'
import { rotatingHash } from './rotating-hash.ts'
import { mixInto, type Uint64 } from './uint64.ts'

/** Where so many draws fail, nearly all targets are out or hardly weigh anything: one is then taken by the weights alone. */
const ATTEMPTS = 64

/** Targets in the order of the pool, with what a draw of each is worth: its part of the greatest weight. */
interface Buckets {
  readonly indexes: Uint32Array
  readonly ratios: Float64Array
}

/**
 * A request goes to the target that jump consistent hash gives for its key: see {@link jumpHash}. No table and the most
 * even shares, but the order of the pool counts: add new targets at its end, and take away from there. Where a target
 * weighs less than the heaviest, a draw of it counts with that chance only, decided by the key; then, and when it is out,
 * the key is hashed once more and drawn anew. All other keys stay.
 */
export function jump(): Algorithm {
  return {
    name: 'jump',
    keyed: true,
    start(): Chooser {
      const nextHash = rotatingHash()
      const draw: Uint64 = { high: 0, low: 0 }
      const chance: Uint64 = { high: 0, low: 0 }
      let buckets: Buckets = { indexes: new Uint32Array(0), ratios: new Float64Array(0) }
      return {
        prepare(members) {
          const most = members.reduce((highest, { weight }) => Math.max(highest, weight), 0)
          buckets = {
            indexes: Uint32Array.from(members, ({ index }) => index),
            ratios: Float64Array.from(members, ({ weight }) => weight / most),
          }
        },
        choose(candidates, context) {
          const { indexes, ratios } = buckets
          const hash = context.hash ?? nextHash()
          draw.high = hash.high
          draw.low = hash.low
          for (let attempt = 0; attempt < ATTEMPTS && indexes.length > 0; attempt++) {
            const bucket = jumpTo(draw.high, draw.low, indexes.length)
            const ratio = ratios[bucket]!
            // Its complement, so that the chance is no bit of the next draw.
            mixInto(~draw.high, ~draw.low, chance)
            const member = chance.high < ratio * 2 ** 32 ? allowed(candidates, indexes[bucket]!, context) : undefined
            if (member) return member
            mixInto((draw.high + 0x9e3779b9) | 0, (draw.low + 0x7f4a7c15) | 0, draw)
          }
          return byWeight(hash, candidates, context)
        },
      }
    },
  }
}

/** Cuts a line into lengths by the weights of those who may be chosen, and takes the one that the hash falls into. */
function byWeight<Member extends Candidate>(hash: Hash64, candidates: Candidates<Member>, context: ChooseContext): Member | undefined {
  let total = 0
  for (const { index, weight } of candidates.members) if (allowed(candidates, index, context)) total += weight
  let left = (hash.high / 2 ** 32) * total
  let last: Member | undefined
  for (const { index, weight } of candidates.members) {
    const member = allowed(candidates, index, context)
    if (!member) continue
    last = member
    left -= weight
    if (left < 0) return member
  }
  return last
}
