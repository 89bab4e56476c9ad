import type { Answer, AnswerNode } from './answer.ts'
import { NameTable } from './name-table.ts'
import { ABSENT, type AnswerMemory, answersAt } from './node-answers.ts'
import { RCODE, TYPE } from './protocol.ts'
import { type ResolvedSoa, soaTail } from './soa.ts'
import type { Tail } from './tail-writer.ts'
import { wireName } from './wire-name.ts'
import type { ContentRules, ZoneContent } from './zone-content.ts'
import { ZoneTree } from './zone-tree.ts'

/** A version of a zone, ready to be asked: it never changes, so that no answer can be of two versions. */
export interface ZoneImage {
  readonly zone: string
  readonly serial: number
  readonly soa: ResolvedSoa
  readonly content: ZoneContent
  /** What there is to answer about every name that is there. */
  readonly names: NameTable<AnswerNode>
  /** The names. */
  readonly present: ReadonlySet<string>
  /** The SOA as authority, for as long as an absence may be remembered. RFC 2308, 3. */
  readonly denial: Tail
  /** To a name that is not there. */
  readonly absent: Answer
  /** To a question for the SOA. */
  readonly ownSoa: Answer
}

export interface ImageParts {
  readonly content: ZoneContent
  readonly serial: number
  readonly soa: ResolvedSoa
  readonly rules: ContentRules
  readonly memory: AnswerMemory
}

/**
 * Makes all answers of a version of a zone: of those of the version before it only what may be different.
 *
 * @param before a version with the same SOA and rules
 */
export function zoneImage({ content, serial, soa, rules, memory }: ImageParts, before?: ZoneImage): ZoneImage {
  const { zone } = rules
  const others = before && namesToMakeAnew(content, before.content)
  const tree = new ZoneTree(content, rules, others && before?.present)
  const ownSoa: Answer = { ...soaTail(zone, serial, soa, soa.ttlSeconds), rcode: RCODE.NOERROR, negative: false }
  const made = new Map<string, AnswerNode>()
  const nodeOf = (name: string): AnswerNode => {
    const known = made.get(name)
    if (known) return known
    const wildcard = tree.has(`*.${name}`) ? nodeOf(`*.${name}`) : undefined
    const node = { ...answersAt(name, tree, memory), wildcard }
    const withSoa = name === zone ? { ...node, types: [...node.types, TYPE.SOA], answers: [...node.answers, ownSoa] } : node
    made.set(name, withSoa)
    return withSoa
  }
  nodeOf(zone)
  for (const name of others ?? tree.names) nodeOf(name)
  const entries = [...made].map(([name, node]) => [wireName(name), node] as const)
  return {
    zone,
    serial,
    soa,
    content,
    names: others && before ? before.names.replaced(entries) : new NameTable(entries),
    present: tree.names,
    denial: soaTail(zone, serial, soa, Math.min(soa.ttlSeconds, soa.minimumSeconds), zone),
    absent: ABSENT,
    ownSoa,
  }
}

/** Names whose answers may be others than before; undefined where there are other names. */
function namesToMakeAnew(content: ZoneContent, before: ZoneContent): readonly string[] | undefined {
  if (content.size !== before.size) return undefined
  const names: string[] = []
  for (const [name, sets] of content) {
    const former = before.get(name)
    if (former === undefined) return undefined
    // An alias may lead to what has changed.
    if (former === sets && !sets.has('CNAME')) continue
    names.push(name)
    // The node above a wildcard has it.
    if (name.startsWith('*.')) names.push(name.slice(2))
  }
  return names
}
