import type { RecordSet } from '../record-set.ts'
import { sameSet } from '../value.ts'

export interface DriftFacts {
  /** What the provider has; undefined for nothing. */
  readonly actual: RecordSet | undefined
  readonly desired: RecordSet
  /** What it had when it was last as we wanted it, in the life of this process; undefined before that. */
  readonly settled: RecordSet | undefined
  /** What we have tried to write lately without hearing how it went. */
  readonly inDoubt: readonly RecordSet[]
}

export type DriftVerdict =
  | 'agrees'
  /** It is ours, and has to change. */
  | 'behind'
  /** Somebody has edited it. */
  | 'edited'

/**
 * Whether a record is as it should be, has to follow, or was edited by somebody. Before it was as it should be once, nothing is
 * known of who wrote it: it has to follow, and what is foreign is refused later. After a write whose end is not known, whatever is
 * made of its values and of those before it is ours: it may be half done, or be done late. Pure.
 */
export function judgeDrift({ actual, desired, settled, inDoubt }: DriftFacts): DriftVerdict {
  if (sameSet(actual, desired)) return 'agrees'
  if (settled === undefined || sameSet(actual, settled)) return 'behind'
  if (inDoubt.length === 0) return 'edited'
  const known = new Set([settled, ...inDoubt].flatMap(({ values }) => values))
  return (actual?.values ?? []).every((value) => known.has(value)) ? 'behind' : 'edited'
}
