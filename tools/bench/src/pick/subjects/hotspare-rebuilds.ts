import { type Algorithm, maglev, ringHash } from '@hotspare/balance'
import type { PickSubject } from '../subject.ts'
import { healthyPool } from './healthy-pool.ts'

const MANY = { minimumRingSize: 16_000 }

export const hotspareRebuilds: readonly PickSubject[] = [
  rebuild('maglev 65537', 'the whole table anew', maglev({ size: 65_537 })),
  rebuild('ringHash', 'the ring of Envoy with its defaults: some 1,100 points', ringHash()),
  rebuild('ringHash, 160 points a host', 'the same with as many points as hashring has', ringHash(MANY)),
  rebuild('ringHash ketama', 'the ring of libketama: 160 points a host', ringHash({ function: 'ketama' })),
]

function rebuild(name: string, setup: string, algorithm: Algorithm): PickSubject {
  return {
    name: `Hotspare ${name}, setWeight()`,
    kind: 'rebuild',
    isPeer: false,
    setup: `${setup}, when a target of a pool gets weight 0 or has 1 again`,
    prepare(targets) {
      const pool = healthyPool(targets, algorithm)
      let isIn = true
      return () => {
        isIn = !isIn
        pool.setWeight('target-0', isIn ? 1 : 0)
        return undefined
      }
    },
  }
}
