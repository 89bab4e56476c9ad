import type { TargetState } from '@hotspare/core'
import type { Pool } from './pool.ts'
import type { PickContext, PoolTarget } from './target.ts'

/** Sets the state of each target in turn: `up` where there is none. */
export function setStates(pool: Pool<PoolTarget>, ...states: readonly TargetState[]): void {
  for (const [index, { id }] of pool.snapshot().entries()) pool.setState(id, states[index] ?? 'up')
}

/** How many of so many picks each target had; their slots are given back at once. */
export function count(pool: Pool<PoolTarget>, picks: number, context?: PickContext): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let number = 0; number < picks; number++) {
    const pick = pool.pick(context)
    pick?.done()
    const id = pick?.target.id ?? 'nobody'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}

/** Which reasons so many picks carry, in the order in which they first come. */
export function reasons(pool: Pool<PoolTarget>, picks: number): string[] {
  const seen = new Set<string>()
  for (let number = 0; number < picks; number++) {
    const pick = pool.pick()
    pick?.done()
    seen.add(pick?.reason ?? 'nobody')
  }
  return [...seen]
}
