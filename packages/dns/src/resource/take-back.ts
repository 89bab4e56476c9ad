import { readOwner } from '../owner.ts'
import { ownerSet } from '../plan-records.ts'
import type { Replacement } from '../provider.ts'
import type { RecordSet } from '../record-set.ts'
import { sameSet } from '../value.ts'
import type { RecordReadings } from './facts.ts'

export interface TakeBackFacts {
  readonly node: string
  readonly token: number
  /** What leads to us. */
  readonly own: RecordSet
  /** What was there before we acted. */
  readonly before: RecordReadings
  /** What is there. */
  readonly now: RecordReadings
}

/**
 * How what was written under a right that has gone is put back: the values that were there, where they are still ours. Where nothing
 * was there, the record stays, for it is never emptied. The claim is given up, and our token stays beside it: it was granted, so older
 * ones are still refused. What another has written since is his. Pure.
 *
 * @returns the record first: for a provider that changes one set at a time, the claim is ours until the record is back
 */
export function takeBack({ node, token, own, before, now }: TakeBackFacts): readonly Replacement[] {
  const claim = readOwner(now.owner.set)
  if (claim.kind !== 'owner' || claim.node !== node || claim.token !== token) return []
  const former = before.record.set
  const mayGoBack = former !== undefined && sameSet(now.record.set, own) && !sameSet(former, own)
  return [
    ...(mayGoBack ? [{ expected: now.record, next: former }] : []),
    { expected: now.owner, next: ownerSet(own, { node: undefined, token }) },
  ]
}

/** How a claim is given up: the record stays as it is, and the token stays beside it. Undefined where there is none of ours. Pure. */
export function giveUp(
  { record, owner }: RecordReadings,
  { node, token }: { readonly node: string; readonly token: number | undefined },
): Replacement | undefined {
  const claim = readOwner(owner.set)
  if (claim.kind !== 'owner' || claim.node !== node || !owner.set) return undefined
  // A newer right of this node has acted since: that claim is not ours to give up.
  if (token !== undefined && claim.token > token) return undefined
  const { ttlSeconds } = owner.set
  return { expected: owner, next: ownerSet({ name: record.name, ttlSeconds }, { node: undefined, token: claim.token }) }
}
