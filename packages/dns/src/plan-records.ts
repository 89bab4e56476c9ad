import { whyNotExpressible } from './expressible.ts'
import { formatOwner, type Owner, ownerName, readOwner } from './owner.ts'
import type { DnsCapabilities, Reading, Replacement } from './provider.ts'
import type { RecordSet } from './record-set.ts'
import { formatSet, sameSet, sameValues } from './value.ts'

/** Whose change it is: then an owner record stands beside the sets, and is changed with them. */
export interface Claim extends Owner {
  readonly node: string
}

export interface PlanPolicy {
  /** Takes over sets that exist and have no owner record, or a strange one. Never sets of a newer right. Default: false */
  readonly adopt?: boolean | undefined
  /** Makes the change however much it takes away. Default: false */
  readonly force?: boolean | undefined
  /** How much may disappear at once. Default: no limit */
  readonly blastRadius?:
    | {
        /** The largest share of the published values that may disappear, above 0 and up to 1. */
        readonly share: number
        /** With fewer published values there is no limit: one of two is a half. Default: 4 */
        readonly atLeast?: number | undefined
      }
    | undefined
}

export interface PlanFacts {
  /** What has to be there, canonical; all of one name where there is a claim. */
  readonly desired: readonly RecordSet[]
  /** What was read, of each of them; and, with a claim, of their owner record. */
  readonly actual: readonly Reading[]
  /** Absent for sets that nobody owns by a lease, such as answers from health. */
  readonly claim?: Claim | undefined
  readonly policy?: PlanPolicy | undefined
  readonly capabilities: DnsCapabilities
}

/** Why nothing may be changed. */
export type PlanRefusal =
  /** A set would be without values. */
  | 'empty'
  /** The provider cannot have it as it is. */
  | 'unsupported'
  /** It was not read. */
  | 'unread'
  /** A newer right has acted. */
  | 'stale-token'
  /** It is there, and nothing says that it is ours. */
  | 'foreign'
  /** Too much would change at once. */
  | 'blast-radius'

export type RecordPlan =
  | { readonly kind: 'nothing'; readonly because: string }
  /** The owner first. More than one where the provider changes them in one step, or the caller one after the other. */
  | { readonly kind: 'change'; readonly replacements: readonly Replacement[]; readonly because: string }
  | { readonly kind: 'refused'; readonly code: PlanRefusal; readonly because: string }

/** Below four, what one value is of all is no small share. */
const BLAST_AT_LEAST = 4

/**
 * What has to be changed so that what is there becomes what has to be there, or why nothing may be. Never makes an empty set, and
 * never removes one. Pure.
 */
export function planRecords(facts: PlanFacts): RecordPlan {
  const { desired, actual, claim } = facts
  const sets = claim && desired[0] ? [ownerSet(desired[0], claim), ...desired] : desired
  const pairs: Replacement[] = []
  for (const next of sets) {
    const expected = actual.find(({ name, type }) => name === next.name && type === next.type)
    if (!expected) return { kind: 'refused', code: 'unread', because: `${next.name} ${next.type} was not read` }
    pairs.push({ expected, next })
  }
  const refusal = refusalOf(facts, pairs)
  if (refusal) return { kind: 'refused', ...refusal }
  const changes = pairs.filter(({ expected, next }) => !sameSet(expected.set, next))
  if (changes.length === 0) return { kind: 'nothing', because: 'everything is as it has to be' }
  return { kind: 'change', replacements: guarded(facts, pairs, changes), because: changes.map(tell).join('; ') }
}

/** The owner record of a set under a claim. Its TTL is the set's: nobody resolves it. */
export function ownerSet({ name, ttlSeconds }: Pick<RecordSet, 'name' | 'ttlSeconds'>, claim: Owner): RecordSet {
  return { name: ownerName(name), type: 'TXT', ttlSeconds, values: [formatOwner(claim)] }
}

type Refusal = { readonly code: PlanRefusal; readonly because: string }

function refusalOf({ desired, claim, policy = {}, capabilities }: PlanFacts, pairs: readonly Replacement[]): Refusal | undefined {
  const empty = desired.find(({ values }) => values.length === 0)
  if (empty) return { code: 'empty', because: `${empty.name} ${empty.type} would be without values` }
  for (const { next } of pairs) {
    const because = next && whyNotExpressible(capabilities, next)
    if (because !== undefined) return { code: 'unsupported', because }
  }
  const owner = claim && pairs[0]
  const owned = claim ? pairs.slice(1) : pairs
  return (claim && owner && whoseRefusal(owner, owned, claim, policy)) ?? blastRefusal(owned, policy)
}

/** Whether what is there may be taken, by its owner record. */
function whoseRefusal(owner: Replacement, owned: readonly Replacement[], claim: Claim, { adopt = false }: PlanPolicy): Refusal | undefined {
  const fact = readOwner(owner.expected.set)
  const where = owner.expected.name
  if (fact.kind === 'owner') {
    const by = fact.node ?? 'somebody who has given it up'
    if (fact.token > claim.token) {
      const hint = `if no such right can exist, remove ${where} TXT`
      return { code: 'stale-token', because: `token ${fact.token} of ${by} stands in ${where}, and ours is ${claim.token}: ${hint}` }
    }
    if (fact.token === claim.token && fact.node !== undefined && fact.node !== claim.node) {
      return { code: 'stale-token', because: `token ${fact.token} stands in ${where} too, for ${by}: two nodes cannot have the same` }
    }
    return undefined
  }
  if (adopt) return undefined
  if (fact.kind === 'strange') return { code: 'foreign', because: `${where} TXT holds something else: ${fact.text}` }
  // What leads to us already was ours, or is no loss to anybody: its owner record is mended.
  const taken = owned.find(({ expected, next }) => expected.set !== undefined && !sameValues(expected.set, next))
  if (!taken?.expected.set) return undefined
  return { code: 'foreign', because: `${formatSet(taken.expected.set)} is there, and no owner record says that it is ours: adopt it once` }
}

/** Whether too many of the published values would go at once. */
function blastRefusal(owned: readonly Replacement[], { force = false, blastRadius }: PlanPolicy): Refusal | undefined {
  if (force || !blastRadius) return undefined
  const { share, atLeast = BLAST_AT_LEAST } = blastRadius
  const published = owned.flatMap(({ expected }) => expected.set?.values ?? []).length
  const gone = owned.flatMap(({ expected, next }) => (expected.set?.values ?? []).filter((value) => !next?.values.includes(value))).length
  if (published < atLeast || gone <= share * published) return undefined
  return { code: 'blast-radius', because: `${gone} of ${published} published values would go at once: force it if that is meant` }
}

/** Where sets are compared and changed in one step, the owner is among them even where it stays: nobody else may have come since. */
function guarded(
  { claim, capabilities }: PlanFacts,
  pairs: readonly Replacement[],
  changes: readonly Replacement[],
): readonly Replacement[] {
  const [owner] = pairs
  const isGuard = claim !== undefined && capabilities.atomicBatch && capabilities.compareAndSwap !== 'none'
  return isGuard && owner && !changes.includes(owner) ? [owner, ...changes] : changes
}

function tell({ expected, next }: Replacement): string {
  if (!next) return `${expected.name} ${expected.type} goes`
  if (!expected.set) return `${formatSet(next)} is missing`
  if (sameValues(expected.set, next))
    return `${next.name} ${next.type} has a TTL of ${expected.set.ttlSeconds} s instead of ${next.ttlSeconds} s`
  return `${formatSet(expected.set)} has to be ${next.values.join(', ')}`
}
