import type { Instruction, ResourceVerb } from '@hotspare/core/plan'
import { ownerName } from '../owner.ts'
import type { RecordSet, RecordType } from '../record-set.ts'
import { quoteTxt } from '../txt.ts'
import { formatSet } from '../value.ts'
import type { ByHand } from './by-hand.ts'

export interface InstructionFacts {
  readonly zone: string
  /** What leads to the step's node. */
  readonly set: RecordSet
  readonly byHand: ByHand
  /** Who is asked; undefined for the zone's first name server. */
  readonly nameServer: string | undefined
}

/** The verbs for people, on any node. */
export function dnsInstruction(verb: ResourceVerb, { zone, set, byHand, nameServer }: InstructionFacts): Instruction {
  const dig = (name: string, type: string) => `dig +short @${nameServer ?? `"$(dig +short ${zone} NS | head -n 1)"`} ${name} ${type}`
  if (verb === 'release') {
    const what = { name: ownerName(set.name), type: 'TXT' } as const
    return {
      what: `Give up the claim on ${set.name} ${set.type}. The record stays as it is, and is moved by whoever takes it over.`,
      manual: byHand({ kind: 'remove', zone, what }),
      verification: { command: dig(what.name, what.type), expect: '^$' },
    }
  }
  return {
    what: `Let ${formatSet(set)} lead here.`,
    manual: byHand({ kind: 'set', zone, set }),
    verification: {
      command: `${dig(set.name, set.type === 'ALIAS' ? 'A' : set.type)} | LC_ALL=C sort | paste -sd ' ' -`,
      expect: expected(set),
    },
  }
}

/** Of the lines in their order, as one. */
function expected({ type, values }: RecordSet): string {
  // What an alias leads to is looked up by its server: which addresses come of it is not known here.
  if (type === 'ALIAS') return '.'
  return `^${values.map((value) => escaped(shown(type, value))).join(' ')}$`
}

/** As dig writes it. */
function shown(type: RecordType, value: string): string {
  if (type === 'TXT') return quoteTxt(value)
  return type === 'CNAME' || type === 'SRV' ? `${value}.` : value
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
