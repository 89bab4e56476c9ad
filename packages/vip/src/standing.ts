import type { Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import type { AddressEntry, LinkFacts } from './driver.ts'

/** What is known of an address on this node. */
export interface StandingFacts {
  readonly interface: string
  /** Undefined when there is no such interface. */
  readonly link: LinkFacts | undefined
  /** Where the address is on this node. */
  readonly entries: readonly AddressEntry[]
  /** Who was found to hold it a moment ago. */
  readonly stranger: string | undefined
  readonly hasLifetime: boolean
  /** Of the claim of this process; undefined when it holds nothing that has a lifetime. */
  readonly gate: 'open' | 'shut' | undefined
}

/** How an address stands, in the words of a resource. */
export function standing(facts: StandingFacts): Pick<Verdict<ResourceState>, 'state' | 'because'> {
  const { link, stranger, hasLifetime, gate } = facts
  if (!link) return { state: 'unknown', because: `there is no interface ${facts.interface} here` }
  const entry = facts.entries.find(({ linkIndex }) => linkIndex === link.index)
  if (!entry) {
    return stranger === undefined
      ? { state: 'absent', because: `it is not on ${link.name}` }
      : { state: 'foreign', because: `${stranger} holds it` }
  }
  if (entry.unusable) return { state: 'absent', because: 'the kernel takes it for a duplicate, or still looks for one' }
  if (!link.up || !link.carrier) return { state: 'absent', because: `${link.name} is down or has no carrier` }
  if (!hasLifetime || gate === 'open') return { state: 'held', because: `it is on ${link.name}` }
  if (gate === 'shut') return { state: 'absent', because: 'the gate is shut: the right is in doubt' }
  // Left by a process before us: it goes by itself, and a claim makes it ours. One that lasts for ever has to be released.
  return entry.validSeconds === undefined
    ? { state: 'held', because: `it is on ${link.name}, without a lifetime: somebody else has put it there` }
    : { state: 'absent', because: `it is left over on ${link.name}, and goes within ${entry.validSeconds} s` }
}
