import type { AddressEntry, LinkFacts } from './driver.ts'

/** What is known when an address is to be claimed. */
export interface ClaimFacts {
  /** For people. */
  readonly address: string
  readonly interface: string
  /** All interfaces of this node. */
  readonly links: readonly LinkFacts[]
  /** Where the address is on this node. */
  readonly entries: readonly AddressEntry[]
  /** Who else answers for it; undefined for nobody, or when it was not asked. */
  readonly holder: string | undefined
  /** Hardware addresses that may answer for it. */
  readonly tolerate: readonly string[]
}

export type ClaimDecision =
  | { readonly type: 'add'; readonly link: LinkFacts }
  /** It is here already: made ours as it is. */
  | { readonly type: 'adopt'; readonly link: LinkFacts; readonly entry: AddressEntry }
  /** A stranger holds it. */
  | { readonly type: 'foreign'; readonly mac: string }
  | { readonly type: 'refuse'; readonly because: string; readonly retryable: boolean }

/** Whether an address may be claimed, and how. */
export function decideClaim(facts: ClaimFacts): ClaimDecision {
  const { address, links, entries, holder } = facts
  const problem = linkProblem(facts.interface, links)
  if (problem) return { type: 'refuse', ...problem }
  const link = links.find(({ name }) => name === facts.interface)
  if (!link) return { type: 'refuse', because: `${facts.interface} has gone`, retryable: true }
  const elsewhere = entries.find((entry) => entry.linkIndex !== link.index)
  if (elsewhere) {
    const name = links.find(({ index }) => index === elsewhere.linkIndex)?.name ?? `interface ${elsewhere.linkIndex}`
    return { type: 'refuse', because: `${address} is on ${name} of this node already: remove it there first`, retryable: false }
  }
  // What answers may be a stranger even so; but the address serves here already, and refusing would not change that.
  const entry = entries.find(({ linkIndex }) => linkIndex === link.index)
  if (entry) return { type: 'adopt', link, entry }
  if (holder !== undefined && holder !== link.mac && !isTolerated(holder, facts.tolerate)) return { type: 'foreign', mac: holder }
  return { type: 'add', link }
}

/** Whether `mac` is one of `tolerate`, in whatever case they are written. */
export function isTolerated(mac: string, tolerate: readonly string[]): boolean {
  return tolerate.some((allowed) => allowed.toLowerCase() === mac.toLowerCase())
}

/** Why an interface cannot hold an address now; undefined when it can. */
export function linkProblem(
  name: string,
  links: readonly LinkFacts[],
): { readonly because: string; readonly retryable: boolean } | undefined {
  const link = links.find((candidate) => candidate.name === name)
  if (!link) {
    const names = links.map((candidate) => candidate.name).slice(0, SHOWN_NAMES)
    const rest = links.length > names.length ? ` and ${links.length - names.length} more` : ''
    return { because: `there is no interface ${name} here; there are ${names.join(', ') || 'none'}${rest}`, retryable: false }
  }
  if (!link.up) return { because: `interface ${name} is down`, retryable: true }
  if (!link.carrier) return { because: `interface ${name} has no carrier: cable, switch port or peer`, retryable: true }
  return undefined
}

/** Hosts of containers have hundreds. */
const SHOWN_NAMES = 10
