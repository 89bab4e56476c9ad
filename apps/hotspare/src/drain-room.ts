import type { TargetConfig } from './config/config.ts'
import type { TargetStatus } from '@hotspare/api'

/** What is known of a target of a pool. */
export type DrainTarget = Pick<TargetStatus, 'id' | 'state' | 'active'> & Pick<TargetConfig, 'weight' | 'limit'>

/**
 * Whether the rest of a pool has room for what it carries when a target gets no more: by the limits of the file, against what is under
 * way now. A target without a limit has room for all.
 *
 * @returns why not, with figures; undefined where nothing speaks against it
 */
export function objectionToDrain(targets: readonly DrainTarget[], id: string): string | undefined {
  const leaving = targets.find((target) => target.id === id)
  if (!leaving || leaving.active === 0 || !isServing(leaving)) return undefined
  const rest = targets.filter((target) => target !== leaving && isServing(target))
  const room = rest.reduce((sum, { limit }) => sum + (limit ?? Infinity), 0)
  const underWay = rest.reduce((sum, { active }) => sum + active, leaving.active)
  if (underWay <= room) return undefined
  if (rest.length === 0) return `no other target of its pool serves, and ${requests(leaving.active)} under way on it`
  const figures = rest.map((target) => `${target.id}: ${target.active} of ${target.limit}`).join(', ')
  return `the rest of its pool has room for ${room}, and ${requests(underWay)} under way: ${leaving.active} on it, ${figures}`
}

function isServing({ state, weight }: DrainTarget): boolean {
  return weight > 0 && (state === 'up' || state === 'degraded')
}

function requests(count: number): string {
  return count === 1 ? '1 request is' : `${count} requests are`
}
