import type { Prerequisite, UpdateChange, UpdateStep } from '@hotspare/dns-wire'
import type { Replacement } from '../../provider.ts'
import { sameSet } from '../../value.ts'

/**
 * A change as an update: what is expected as prerequisites, and what has to be as the whole set taken away and added, since a server
 * may leave a TTL as it is when the same record is added again (Knot does). A set that stays is compared alone.
 */
export function updateOf(zone: string, replacements: readonly Replacement[]): UpdateChange {
  return { zone, prerequisites: replacements.map(prerequisiteOf), updates: replacements.flatMap(stepsOf) }
}

function prerequisiteOf({ expected: { name, type, set } }: Replacement): Prerequisite {
  return set ? { kind: 'set-is', name, type, values: set.values } : { kind: 'set-absent', name, type }
}

function stepsOf({ expected: { name, type, set }, next }: Replacement): readonly UpdateStep[] {
  if (sameSet(set, next)) return []
  const away: readonly UpdateStep[] = set ? [{ kind: 'delete-set', name, type }] : []
  return next ? [...away, { kind: 'add', name, type, ttlSeconds: next.ttlSeconds, values: next.values }] : away
}
