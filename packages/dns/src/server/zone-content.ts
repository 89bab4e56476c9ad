import { dnsError } from '../errors.ts'
import { isWithin } from '../name.ts'
import { type ServedSet, servedAlike, type StoredSet } from './served-set.ts'

/** The sets of one name, by type. */
export type NameSets = ReadonlyMap<string, StoredSet>

/** Everything in a zone but its SOA, by name and type; it never changes, a new one takes its place. */
export type ZoneContent = ReadonlyMap<string, NameSets>

export interface ContentRules {
  readonly zone: string
  /** Zones below this one that are served too: what is in them is theirs. */
  readonly below: readonly string[]
  readonly mostSets: number
}

/** A name and a type of which nothing is to be left. */
export interface SetRemoval {
  readonly name: string
  readonly type: string
}

/**
 * The content with some sets replaced and others removed; the same object where that changes nothing.
 *
 * @throws HotspareError `HOTSPARE_DNS_ZONE` where the outcome could not be served
 */
export function changedContent(
  content: ZoneContent,
  sets: readonly StoredSet[],
  removals: readonly SetRemoval[],
  rules: ContentRules,
): ZoneContent {
  const next = new Map<string, Map<string, StoredSet>>()
  const setsOf = (name: string) => {
    const there = next.get(name) ?? new Map(content.get(name))
    next.set(name, there)
    return there
  }
  let changed = false
  for (const { name, type } of removals) changed = setsOf(name).delete(type) || changed
  for (const set of sets) {
    const there = setsOf(set.name)
    if (servedAlike(there.get(set.type), set)) continue
    there.set(set.type, set)
    changed = true
  }
  if (!changed) return content
  for (const [name, there] of next) checkName(name, there, rules)
  const all = new Map<string, NameSets>(content)
  for (const [name, there] of next) {
    if (there.size === 0) all.delete(name)
    else all.set(name, there)
  }
  let count = 0
  for (const there of all.values()) count += there.size
  if (count > rules.mostSets) throw refuse(rules.zone, `would have ${count} sets, and ${rules.mostSets} are allowed: raise mostSets`)
  return all
}

function checkName(name: string, there: ReadonlyMap<string, ServedSet>, { zone, below }: ContentRules): void {
  if (there.size === 0) return
  if (!isWithin(name, zone)) throw refuse(zone, `${name} is not in it`)
  const owner = below.find((other) => isWithin(name, other))
  if (owner !== undefined) throw refuse(zone, `${name} belongs to the zone ${owner}, which is served too`)
  if (!there.has('CNAME')) return
  // RFC 1034, 3.6.2; the apex always has others.
  if (name === zone) throw refuse(zone, 'its own name cannot be a CNAME: it has an SOA and name servers')
  if (there.size > 1) throw refuse(zone, `${name} cannot have a CNAME and other records beside it: remove one of them in the same change`)
}

function refuse(zone: string, why: string): Error {
  return dnsError('HOTSPARE_DNS_ZONE', `zone ${zone}: ${why}`)
}
