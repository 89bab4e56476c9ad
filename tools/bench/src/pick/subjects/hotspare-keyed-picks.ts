import { type Algorithm, maglev, type PickContext, ringHash } from '@hotspare/balance'
import { textKeys } from '../keys.ts'
import type { PickSubject } from '../subject.ts'
import { healthyPool } from './healthy-pool.ts'

export const hotspareRingPick: PickSubject = keyedPick(
  'ringHash',
  'a whole pick of a pool by a text, on a ring as Envoy makes it',
  ringHash(),
)

export const hotspareMaglevPick: PickSubject = keyedPick('maglev', 'a whole pick of a pool by a text, in a table of 65,537', maglev())

function keyedPick(name: string, setup: string, algorithm: Algorithm): PickSubject {
  return {
    name: `Hotspare ${name}, pick({ key })`,
    kind: 'keyed-pick',
    isPeer: false,
    setup,
    prepare(targets) {
      const pool = healthyPool(targets, algorithm)
      const contexts = textKeys().map((key): PickContext => ({ key }))
      const mask = contexts.length - 1
      let count = 0
      return () => pool.pick(contexts[count++ & mask])?.done
    },
  }
}
