import type { Algorithm, Chooser } from './algorithm.ts'
import { allowed, firstAllowed } from './allowed.ts'
import { refuseUnknown } from './errors.ts'
import { buildMaglevTable, type MaglevTableOptions, readMaglevSize, slotOf } from './maglev-table.ts'
import { sortedMembers } from './members.ts'
import { rotatingHash } from './rotating-hash.ts'

export type MaglevOptions = MaglevTableOptions

/** Where so many slots belong to targets that are out, nearly all are: the table is then walked. */
const ATTEMPTS = 16

/**
 * A request goes to the target that has the slot of its key in a Maglev table: the most even of the tables, and the
 * quickest look-up. When a target is out, each of its keys goes to a slot of its own that is drawn as Envoy draws it for
 * a retry, so that its traffic spreads over all others, and all other keys stay. When a target is added or removed, a
 * few keys move between the others too: a ring or rendezvous moves none.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function maglev(options: MaglevOptions = {}): Algorithm {
  refuseUnknown('maglev', options, ['size'])
  const size = readMaglevSize('maglev', options)
  return {
    name: 'maglev',
    keyed: true,
    start(): Chooser {
      const nextHash = rotatingHash()
      let table: Uint32Array = new Uint32Array(0)
      return {
        prepare(members) {
          const { hosts, weights, indexes } = sortedMembers(members)
          table = buildMaglevTable(hosts, weights, size)
          for (let slot = 0; slot < size; slot++) table[slot] = indexes[table[slot]!] ?? 0
        },
        choose(candidates, context) {
          const { high, low } = context.hash ?? nextHash()
          let slot = slotOf(high, low, size)
          for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
            const member = allowed(candidates, table[slot]!, context)
            if (member) return member
            // Envoy's hash ^ (2^64 - attempt).
            slot = slotOf(~high, low ^ -attempt, size)
          }
          const first = firstAllowed(candidates, context)
          if (!first) return undefined
          for (let step = 0; step < size; step++) {
            const member = allowed(candidates, table[slot]!, context)
            if (member) return member
            slot = slot + 1 === size ? 0 : slot + 1
          }
          return first
        },
      }
    },
  }
}
