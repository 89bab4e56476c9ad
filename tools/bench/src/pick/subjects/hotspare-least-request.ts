import { leastRequest } from '@hotspare/balance'
import type { PickSubject } from '../subject.ts'
import { healthyPool } from './healthy-pool.ts'

export const hotspareLeastRequest: PickSubject = {
  name: 'Hotspare leastRequest',
  kind: 'pick',
  isPeer: false,
  setup: 'two different targets drawn, the one with fewer open picks',
  prepare(targets) {
    const pool = healthyPool(targets, leastRequest())
    return () => pool.pick()?.done
  },
}
