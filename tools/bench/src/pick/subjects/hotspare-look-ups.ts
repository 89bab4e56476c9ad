import { type Algorithm, boundedLoad, type Candidate, jump, maglev, rendezvous, ringHash } from '@hotspare/balance'
import { systemClock } from '@hotspare/core'
import { readyHashes } from '../keys.ts'
import type { PickSubject } from '../subject.ts'

/** As many as libketama and hashring give a server. */
const POINTS = 160
const MANY_POINTS = 1_000 * POINTS
const MANY = { minimumRingSize: MANY_POINTS, maximumRingSize: MANY_POINTS }

/** What an algorithm does with a hash, without the pool around it. */
export const hotspareLookUps: readonly PickSubject[] = [
  lookUp('ringHash', 'the ring of Envoy with its defaults: two points a host', ringHash()),
  lookUp(`ringHash, ${POINTS} points a host`, 'the same ring with as many points as hashring has', ringHash(MANY)),
  lookUp('ringHash ketama', 'the ring of libketama, at most 131,072 points', ringHash({ function: 'ketama' })),
  lookUp('maglev', 'a table of 65,537', maglev()),
  lookUp('rendezvous', 'no table: scores every host', rendezvous()),
  lookUp('jump', 'no table', jump()),
  lookUp('boundedLoad(ringHash)', 'the first ring, and adds up what every host serves', boundedLoad(ringHash())),
]

function lookUp(name: string, setup: string, algorithm: Algorithm): PickSubject {
  return {
    name: `Hotspare ${name}`,
    kind: 'look-up',
    isPeer: false,
    setup,
    prepare(targets) {
      const members = Array.from({ length: targets }, (_, index): Candidate => ({ id: `target-${index}`, index, weight: 1, active: 0 }))
      const candidates = { members, at: (index: number) => members[index], ramping: false }
      const chooser = algorithm.start(targets, { clock: systemClock })
      chooser.prepare?.(members)
      const { high, low, mask } = readyHashes()
      const hash = { high: 0, low: 0 }
      const context = { hash }
      let count = 0
      let found: Candidate | undefined
      return () => {
        const place = count++ & mask
        hash.high = high[place] ?? 0
        hash.low = low[place] ?? 0
        found = chooser.choose(candidates, context) ?? found
        return undefined
      }
    },
  }
}
