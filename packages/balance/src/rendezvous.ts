import type { Algorithm, Candidate, Candidates, ChooseContext, Chooser, Hash64 } from './algorithm.ts'
import { allowed, firstAllowed } from './allowed.ts'
import { createKeyHash } from './key-hash.ts'
import { sortedMembers } from './members.ts'
import { costOf, meet } from './rendezvous-rank.ts'
import { rotatingHash } from './rotating-hash.ts'
import type { Uint64 } from './uint64.ts'

/** What a pick reads of the members, in the order of their ids. */
interface Columns {
  readonly indexes: Uint32Array
  readonly weights: Float64Array
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** With equal weights the highest hash has the best score, and no logarithm is needed. */
  readonly isEven: boolean
}

/**
 * A request goes to the target that scores highest when key and target are hashed together: see {@link rendezvousRank}.
 * No table, exact weights, and whoever comes or goes moves its own keys alone. A pick looks at every target, so it is for
 * some hundreds of them.
 */
export function rendezvous(): Algorithm {
  return {
    name: 'rendezvous',
    keyed: true,
    start(): Chooser {
      const nextHash = rotatingHash()
      let columns = toColumns([])
      return {
        prepare(members) {
          columns = toColumns(members)
        },
        choose: (candidates, context) => choose(columns, context.hash ?? nextHash(), candidates, context),
      }
    },
  }
}

function choose<Member extends Candidate>(
  { indexes, weights, high, low, isEven }: Columns,
  hash: Hash64,
  candidates: Candidates<Member>,
  context: ChooseContext,
): Member | undefined {
  let best: Member | undefined
  let bestHash = -1
  let bestCost = Infinity
  for (let place = 0; place < indexes.length; place++) {
    const met = meet(hash.high, hash.low, high[place]!, low[place]!)
    if (isEven) {
      if (met <= bestHash) continue
      const member = allowed(candidates, indexes[place]!, context)
      if (!member) continue
      best = member
      bestHash = met
      continue
    }
    const weight = weights[place]!
    // -ln(x) is at least 1 - x: nearly all are out of the race without a logarithm.
    if ((1 - (met + 0.5) / 2 ** 32) / weight >= bestCost) continue
    const cost = costOf(met, weight)
    if (cost >= bestCost) continue
    const member = allowed(candidates, indexes[place]!, context)
    if (!member) continue
    best = member
    bestCost = cost
  }
  return best ?? firstAllowed(candidates, context)
}

function toColumns(members: readonly Candidate[]): Columns {
  const { hosts, weights, indexes } = sortedMembers(members)
  const hashOf = createKeyHash()
  const hash: Uint64 = { high: 0, low: 0 }
  const high = new Uint32Array(hosts.length)
  const low = new Uint32Array(hosts.length)
  for (const [place, { key }] of hosts.entries()) {
    hashOf(key, hash)
    high[place] = hash.high
    low[place] = hash.low
  }
  return { indexes, weights, high, low, isEven: weights.every((weight) => weight === weights[0]) }
}
