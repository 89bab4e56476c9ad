import type { UpdateChange } from '@hotspare/dns-wire'
import { ownerName } from '../owner.ts'
import type { RecordSet } from '../record-set.ts'
import { probeName } from './probe-name.ts'

/** More would be a message of its own; the rights of a key are the same for names of one kind. */
const MOST_NAMES = 20

/**
 * An update that no server can carry out: a name cannot be in use and not in use. What it would change are the sets that follow and
 * their owner records, so that a server which looks at rights first (BIND since 9.18.11, Knot, PowerDNS) looks at the right ones.
 */
export function impossibleUpdate(zone: string, sets: readonly Pick<RecordSet, 'name' | 'type'>[]): UpdateChange {
  const name = probeName(zone)
  const owners = [...new Set(sets.map((set) => ownerName(set.name)))].map((owner) => ({ name: owner, type: 'TXT' }))
  const touched = sets.length === 0 ? [{ name, type: 'TXT' }] : [...sets.slice(0, MOST_NAMES), ...owners.slice(0, MOST_NAMES)]
  return {
    zone,
    prerequisites: [
      { kind: 'name-in-use', name },
      { kind: 'name-not-in-use', name },
    ],
    updates: touched.map((set) => ({ kind: 'delete-set', name: set.name, type: set.type })),
  }
}

/** What a server says that has looked at rights, and then at a name that is in use and not in use. RFC 2136, 2.4.4 and 2.4.5. */
export const impossibleRcodes: ReadonlySet<string> = new Set(['NXDOMAIN', 'YXDOMAIN'])
