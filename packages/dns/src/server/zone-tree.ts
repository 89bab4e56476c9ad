import { isWithin } from '../name.ts'
import type { StoredSet } from './served-set.ts'
import { selfAndAncestors } from './wire-name.ts'
import type { ContentRules, ZoneContent } from './zone-content.ts'

/** Which names there are, and what is found where a CNAME leads. */
export class ZoneTree {
  /** Of sets, and of what only has others below it (RFC 4592, 2.2.2). */
  readonly names: ReadonlySet<string>
  readonly content: ZoneContent
  readonly #rules: ContentRules

  /** @param names of a version that had the same ones */
  constructor(content: ZoneContent, rules: ContentRules, names: ReadonlySet<string> = namesOf(content, rules.zone)) {
    this.names = names
    this.content = content
    this.#rules = rules
  }

  get zone(): string {
    return this.#rules.zone
  }

  has(name: string): boolean {
    return this.names.has(name)
  }

  /** Whether the answer about it is ours to give. */
  isOurs(name: string): boolean {
    return isWithin(name, this.#rules.zone) && !this.#rules.below.some((other) => isWithin(name, other))
  }

  /** The sets that answer for a name, a wildcard's included; undefined where it is not there. */
  setsFor(name: string): ReadonlyMap<string, StoredSet> | undefined {
    if (this.has(name)) return this.content.get(name) ?? new Map()
    for (const each of selfAndAncestors(name)) {
      if (this.has(each)) return this.content.get(`*.${each}`) ?? (this.has(`*.${each}`) ? new Map() : undefined)
    }
    return undefined
  }
}

function namesOf(content: ZoneContent, zone: string): ReadonlySet<string> {
  const names = new Set<string>([zone])
  for (const name of content.keys()) {
    for (const each of selfAndAncestors(name)) {
      if (names.has(each)) break
      names.add(each)
    }
  }
  return names
}
