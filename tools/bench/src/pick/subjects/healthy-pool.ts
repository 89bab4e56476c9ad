import { type Algorithm, createPool, type Pool, type PoolTarget } from '@hotspare/balance'

export function healthyPool(targets: number, algorithm: Algorithm): Pool<PoolTarget> {
  const pool = createPool({ targets: Array.from({ length: targets }, (_, index) => ({ id: `target-${index}` })), algorithm })
  for (const { id } of pool.snapshot()) pool.setState(id, 'up')
  return pool
}
