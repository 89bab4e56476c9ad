import type { ResourceState } from '@hotspare/core/plan'
import type { OwnerFact } from '../owner.ts'
import type { RecordSet } from '../record-set.ts'
import { sameValues } from '../value.ts'

export interface RecordFacts {
  /** Undefined where there is none. */
  readonly set: RecordSet | undefined
  readonly owner: OwnerFact
}

export interface RecordTerms {
  readonly node: string
  /** Of every member: the set that leads to it. */
  readonly follows: ReadonlyMap<string, RecordSet>
  /** Of the right that this node acted under last; undefined where it has not acted yet. */
  readonly token: number | undefined
}

/** How a record stands on a node, by what its provider says. Pure. */
export function judgeRecord(
  { set, owner }: RecordFacts,
  { node, follows, token }: RecordTerms,
): { readonly state: ResourceState; readonly because: string } {
  if (owner.kind === 'strange') return { state: 'foreign', because: `its owner record holds something else: ${owner.text}` }
  const claimant = owner.kind === 'owner' ? owner.node : undefined
  if (claimant !== undefined && !follows.has(claimant)) {
    return { state: 'foreign', because: `${claimant} has claimed it, which is no member` }
  }
  if (!set) return { state: 'absent', because: 'there is no such record' }
  const shown = set.values.join(', ')
  const members = [...follows].filter(([, own]) => sameValues(own, set)).map(([name]) => name)
  if (members.length === 0) return { state: 'foreign', because: `it leads to ${shown}, which belongs to no member` }
  if (!members.includes(node)) return { state: 'absent', because: `it leads to ${members.join(' and ')}` }
  if (claimant === undefined) return { state: 'absent', because: `it leads to ${shown}, and nobody has claimed it` }
  if (claimant !== node) return { state: 'absent', because: `it leads to ${shown}, and ${claimant} has claimed it` }
  if (owner.kind === 'owner' && token !== undefined && owner.token > token) {
    return { state: 'absent', because: `token ${owner.token} stands in its owner record, and ours is ${token}: a newer right has acted` }
  }
  const ownTtl = follows.get(node)?.ttlSeconds
  if (set.ttlSeconds !== ownTtl) return { state: 'absent', because: `its TTL is ${set.ttlSeconds} s instead of ${ownTtl} s` }
  return { state: 'held', because: `it leads to ${shown}` }
}

/**
 * Whether a record may be taken: `claimed` by one of us, so that even an edit is overwritten; `unclaimed`, but it is not there or leads
 * to a member; or `no`, it is somebody else's. Pure.
 */
export function mayTake({ set, owner }: RecordFacts, follows: ReadonlyMap<string, RecordSet>): 'claimed' | 'unclaimed' | 'no' {
  if (owner.kind === 'strange') return 'no'
  if (owner.kind === 'owner' && owner.node !== undefined) return follows.has(owner.node) ? 'claimed' : 'no'
  const isMembers = set === undefined || [...follows.values()].some((own) => sameValues(own, set))
  return isMembers ? 'unclaimed' : 'no'
}
