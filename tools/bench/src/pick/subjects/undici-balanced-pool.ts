import { BalancedPool, type Dispatcher } from 'undici'
import type { PickSubject } from '../subject.ts'

export const undiciBalancedPool: PickSubject = {
  name: 'undici BalancedPool',
  kind: 'pick',
  isPeer: true,
  setup: 'its picker alone, by weights that errors lower; knows no load, nothing is given back',
  prepare(targets) {
    const origins = Array.from({ length: targets }, (_, index) => `http://127.0.0.1:${10_000 + index}`)
    // Nothing is dispatched, so nothing connects.
    const pool = new BalancedPool(origins)
    const pick = picker(pool)
    return () => void pick()
  },
}

/** The picker is a method behind a symbol of undici's own. */
function picker(pool: BalancedPool): () => Dispatcher | undefined {
  const key = Object.getOwnPropertySymbols(BalancedPool.prototype).find(({ description }) => description === 'get dispatcher')
  const method: unknown = key && Reflect.get(pool, key)
  if (typeof method !== 'function') throw new TypeError('this undici keeps its picker elsewhere')
  return method.bind(pool) as () => Dispatcher | undefined
}
