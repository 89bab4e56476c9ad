import type { Answer, AnswerNode } from './answer.ts'
import { RCODE, TYPE } from './protocol.ts'
import type { StoredSet } from './served-set.ts'
import { ASKED, type Tail, TailWriter } from './tail-writer.ts'
import type { ZoneTree } from './zone-tree.ts'

/** How many CNAMEs are followed: more are a mistake, and resolvers give up too. */
const MOST_HOPS = 16
const NOTHING: Tail = new TailWriter('a').done()
const NODATA: Answer = { ...NOTHING, rcode: RCODE.NOERROR, negative: true }
/** RFC 8482, 4.2: a type that nobody uses any more, and who says so. The same for every name: it has no name but the one that was asked. */
const ANY: Answer = found(new TailWriter('a').record(ASKED, TYPE.HINFO, 3_600, [Buffer.from('\x07RFC8482\x00', 'latin1')]))
/** To a name that is not there. */
export const ABSENT: Answer = { ...NOTHING, rcode: RCODE.NXDOMAIN, negative: true }

/** Answers of sets that are the same in the next version. */
export type AnswerMemory = WeakMap<StoredSet, Answer>

/** What is answered about a name that is there. */
export function answersAt(name: string, tree: ZoneTree, memory: AnswerMemory): Omit<AnswerNode, 'wildcard'> {
  const sets = [...(tree.content.get(name)?.values() ?? [])]
  const alias = sets.find(({ type }) => type === 'CNAME')
  if (alias) return aliasAnswers(name, alias, tree)
  const answers = sets.map((set) => {
    const known = memory.get(set)
    if (known) return known
    const made = found(writeSet(new TailWriter(baseOf(name, tree)), ASKED, set))
    memory.set(set, made)
    return made
  })
  return { types: sets.map(({ typeNumber }) => typeNumber), answers, other: NODATA, any: sets.length === 0 ? NODATA : ANY }
}

/** A CNAME answers to every type, with what is found at its end as far as that is here. RFC 1034, 4.3.2. */
function aliasAnswers(name: string, alias: StoredSet, tree: ZoneTree): Omit<AnswerNode, 'wildcard'> {
  const chain: [owner: string, set: StoredSet][] = [[ASKED, alias]]
  // By set, not by name: a wildcard may lead to a name of its own.
  const seen = new Set([alias])
  let target = alias.values[0] ?? ''
  let end: ReadonlyMap<string, StoredSet> | undefined
  let ours = tree.isOurs(target)
  while (ours) {
    end = tree.setsFor(target)
    const next = end?.get('CNAME')
    if (!next) break
    const loops = seen.has(next) || chain.length >= MOST_HOPS
    if (!loops) chain.push([target, next])
    seen.add(next)
    target = next.values[0] ?? ''
    // What leads nowhere is told as far as it goes.
    ours = !loops && tree.isOurs(target)
  }
  const written = () => chain.reduce((writer, [owner, set]) => writeSet(writer, owner, set), new TailWriter(baseOf(name, tree)))
  const own = found(writeSet(new TailWriter(baseOf(name, tree)), ASKED, alias))
  const last = ours ? [...(end?.values() ?? [])] : []
  return {
    types: [TYPE.CNAME, ...last.map(({ typeNumber }) => typeNumber)],
    answers: [own, ...last.map((set) => found(writeSet(written(), target, set)))],
    // RFC 6604, 3: the code is about the last name.
    other: { ...written().done(), rcode: ours && end === undefined ? RCODE.NXDOMAIN : RCODE.NOERROR, negative: ours },
    any: own,
  }
}

/** The name that every question for the node ends in. */
function baseOf(name: string, tree: ZoneTree): string {
  return name.startsWith('*.') ? tree.zone : name
}

function writeSet(writer: TailWriter, owner: string, set: StoredSet): TailWriter {
  for (const data of set.records) writer.record(owner, set.typeNumber, set.ttlSeconds, data)
  return writer
}

function found(writer: TailWriter): Answer {
  return { ...writer.done(), rcode: RCODE.NOERROR, negative: false }
}
