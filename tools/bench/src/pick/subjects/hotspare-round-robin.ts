import { roundRobin } from '@hotspare/balance'
import type { PickSubject } from '../subject.ts'
import { healthyPool } from './healthy-pool.ts'

export const hotspareRoundRobin: PickSubject = {
  name: 'Hotspare roundRobin',
  kind: 'pick',
  isPeer: false,
  setup: 'smooth weighted, as nginx does it: looks at every target',
  prepare(targets) {
    const pool = healthyPool(targets, roundRobin())
    return () => pool.pick()?.done
  },
}
