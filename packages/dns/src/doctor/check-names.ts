import type { RecordSet } from '../record-set.ts'
import { type Asked, recordsOf } from '../verify/answer.ts'
import type { Finding } from './finding.ts'

/** What a server answered for one name, by type. */
export type NameLook = ReadonlyMap<string, Asked>

/** What is asked of each name: addresses, and what an alias cannot stand beside. */
export const lookedAtTypes: readonly string[] = ['A', 'AAAA', 'CNAME', 'TXT', 'MX']

/**
 * What stands in the way of a set. RFC 1034, 3.6.2: beside an alias there is nothing. BIND and Knot say NOERROR to an update that would
 * break that, and leave it out.
 *
 * @param managed the types of this name that follow or answer
 */
export function checkName(zone: string, set: RecordSet, managed: ReadonlySet<string>, look: NameLook): readonly Finding[] {
  return [...(set.type === 'CNAME' ? checkAlias(zone, set, look) : checkInTheWay(set, look)), ...checkFamilies(set, managed, look)]
}

function checkInTheWay(set: RecordSet, look: NameLook): readonly Finding[] {
  const alias = valuesOf(set.name, 'CNAME', look)[0]
  if (alias === undefined) return []
  return [
    {
      code: 'alias-in-the-way',
      severity: 'error',
      where: `${set.name} ${set.type}`,
      what: `the name is an alias (CNAME) of ${alias}: many servers say yes to ${set.type} records beside it, and leave them out`,
      fix: `remove the CNAME of ${set.name}, or let the record that follows be a CNAME`,
    },
  ]
}

function checkAlias(zone: string, set: RecordSet, look: NameLook): readonly Finding[] {
  const others = lookedAtTypes.filter((type) => type !== 'CNAME' && valuesOf(set.name, type, look).length > 0)
  const beside = set.name === zone ? ['SOA', 'NS', ...others] : others
  if (beside.length === 0) return []
  return [
    {
      code: 'alias-beside-records',
      severity: 'error',
      where: `${set.name} CNAME`,
      what: `the name has records of other types (${beside.join(', ')}), and an alias cannot stand beside them`,
      fix:
        set.name === zone
          ? 'a zone itself cannot be an alias: use A and AAAA, or ALIAS where the provider has it'
          : 'remove the others, or let an A record follow',
    },
  ]
}

function checkFamilies(set: RecordSet, managed: ReadonlySet<string>, look: NameLook): readonly Finding[] {
  if (set.type !== 'A' && set.type !== 'AAAA') return []
  const other = set.type === 'A' ? 'AAAA' : 'A'
  if (managed.has(other)) return []
  const values = valuesOf(set.name, other, look)
  if (values.length > 0) {
    return [
      {
        code: 'family-unmanaged',
        severity: 'error',
        where: `${set.name} ${other}`,
        what: `the name has ${other} records too (${values.slice(0, 3).join(', ')}), and nothing moves them: clients that prefer them stay with a dead server`,
        fix: `let ${other} follow as well, or remove it`,
      },
    ]
  }
  // A name without IPv4 is somebody's decision; one without IPv6 is most often nobody's.
  if (other === 'A' || look.get('AAAA')?.kind !== 'answer') return []
  const fix = 'nothing, if the service has no IPv6; else AAAA records that follow as the A records do'
  return [{ code: 'ipv6-missing', severity: 'info', where: set.name, what: 'the name has no AAAA records', fix }]
}

/** The values of the name itself, not those at the end of an alias. */
function valuesOf(name: string, type: string, look: NameLook): readonly string[] {
  const asked = look.get(type)
  return asked?.kind === 'answer' ? recordsOf(asked.answer.answers, name, type).map(({ value }) => value) : []
}
