import type { Candidate } from './algorithm.ts'

/** The members of a set, in columns and in the order of their ids: a table made from them is the same after a restart with another order. */
export interface SortedMembers {
  readonly hosts: readonly { readonly key: string }[]
  readonly weights: Float64Array
  /** Places in the pool. */
  readonly indexes: Uint32Array
}

export function sortedMembers(members: readonly Candidate[]): SortedMembers {
  const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  return {
    hosts: sorted.map(({ id }) => ({ key: id })),
    weights: Float64Array.from(sorted, ({ weight }) => weight),
    indexes: Uint32Array.from(sorted, ({ index }) => index),
  }
}
