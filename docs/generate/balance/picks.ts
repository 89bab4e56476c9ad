import { createPool, type PickContext, type Pool, type PoolOptions, type PoolTarget } from '@hotspare/balance'

/** A pool whose targets are all up. */
export function upPool(options: PoolOptions<PoolTarget>): Pool<PoolTarget> {
  const pool = createPool(options)
  for (const { id } of options.targets) pool.setState(id, 'up')
  return pool
}

/** `a`, `b`, `c`, ... */
export function letters(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String.fromCodePoint(97 + index))
}

/** Picks that are given back at once; the place of each target in `ids`. */
export function picksOf(pool: Pool<PoolTarget>, ids: readonly string[], count: number, context?: PickContext): number[] {
  return Array.from({ length: count }, () => {
    const pick = pool.pick(context)
    pick?.done()
    return pick ? ids.indexOf(pick.target.id) : -1
  })
}

/** Keys as people have them, always the same. */
export function sampleKeys(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user-${index + 1}`)
}

/** Where keys go. */
export function ownersOf(pool: Pool<PoolTarget>, keys: readonly string[]): readonly string[] {
  return keys.map((key) => {
    const pick = pool.pick({ key })
    pick?.done()
    return pick?.target.id ?? ''
  })
}
