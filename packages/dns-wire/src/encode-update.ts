import { assertNever } from '@hotspare/core'
import { decodeMessage } from './decode-message.ts'
import { encodeMessage } from './encode-message.ts'
import { DnsParseError, DnsValueError } from './errors.ts'
import { wireLimits } from './limits.ts'
import { noFlags, type WireRecord } from './message.ts'
import { parseValue } from './parse-value.ts'
import { presentValue } from './present-value.ts'
import type { OpaqueData } from './record-data.ts'
import type { GivenValue, Prerequisite, UpdateMessage, UpdateStep } from './update.ts'

const NOTHING: OpaqueData = Object.freeze({ kind: 'opaque', bytes: new Uint8Array(0) })

/**
 * Writes an update down (RFC 2136): the zone stands where questions do, prerequisites where answers, updates where authorities do.
 *
 * @throws DnsValueError where a name, a type or a value is none, or there are too many
 */
export function encodeUpdate(update: UpdateMessage): Uint8Array {
  const { id, zone, prerequisites, updates, additionals = [], edns } = update
  return encodeMessage({
    id,
    flags: { ...noFlags, opcode: 'UPDATE' },
    rcode: 'NOERROR',
    questions: [{ name: zone, type: 'SOA', class: 'IN' }],
    answers: prerequisites.flatMap(prerequisiteRecords),
    authorities: updates.flatMap(stepRecords),
    additionals,
    edns,
  })
}

/**
 * Reads an update as a server does; a signature is left aside. Prerequisites and steps that `encodeUpdate` wrote as several records come back
 * as one, values as text.
 *
 * @throws DnsParseError where it is no update of the class IN
 */
export function decodeUpdate(bytes: Uint8Array): UpdateMessage {
  const message = decodeMessage(bytes)
  const [zone] = message.questions
  if (message.flags.opcode !== 'UPDATE' || message.flags.response) throw new DnsParseError('it is no update')
  if (zone?.type !== 'SOA' || zone.class !== 'IN' || message.questions.length !== 1) throw new DnsParseError('it names no zone to update')
  return {
    id: message.id,
    zone: zone.name,
    prerequisites: joinValues(message.answers.map(readPrerequisite)),
    updates: joinValues(message.authorities.map(readStep)),
    additionals: message.additionals,
    ...(message.edns && { edns: message.edns }),
  }
}

function prerequisiteRecords(prerequisite: Prerequisite): readonly WireRecord[] {
  const { kind, name } = prerequisite
  switch (kind) {
    case 'name-in-use':
      return [{ name, type: 'ANY', class: 'ANY', ttlSeconds: 0, data: NOTHING }]
    case 'name-not-in-use':
      return [{ name, type: 'ANY', class: 'NONE', ttlSeconds: 0, data: NOTHING }]
    case 'set-exists':
      return [{ name, type: prerequisite.type, class: 'ANY', ttlSeconds: 0, data: NOTHING }]
    case 'set-absent':
      return [{ name, type: prerequisite.type, class: 'NONE', ttlSeconds: 0, data: NOTHING }]
    case 'set-is':
      return valueRecords(prerequisite, { class: 'IN', ttlSeconds: 0 })
    default:
      return assertNever(kind)
  }
}

function stepRecords(step: UpdateStep): readonly WireRecord[] {
  const { kind, name } = step
  switch (kind) {
    case 'add':
      return valueRecords(step, { class: 'IN', ttlSeconds: step.ttlSeconds })
    case 'delete-set':
      return [{ name, type: step.type, class: 'ANY', ttlSeconds: 0, data: NOTHING }]
    case 'delete-name':
      return [{ name, type: 'ANY', class: 'ANY', ttlSeconds: 0, data: NOTHING }]
    case 'delete-record':
      return valueRecords(step, { class: 'NONE', ttlSeconds: 0 })
    default:
      return assertNever(kind)
  }
}

function valueRecords(
  set: { readonly name: string; readonly type: string; readonly values: readonly GivenValue[] },
  rest: Pick<WireRecord, 'class' | 'ttlSeconds'>,
): readonly WireRecord[] {
  const { name, type, values } = set
  // Without a value it would leave no record in the message: a condition that always holds.
  if (values.length === 0) throw new DnsValueError(`${name} ${type}: there is no value`)
  if (values.length > wireLimits.values) throw new DnsValueError(`${name} ${type}: there are more than ${wireLimits.values} values`)
  return values.map((value) => ({ name, type, ...rest, data: typeof value === 'string' ? parseValue(type, value) : value }))
}

/** RFC 2136, 3.2. */
function readPrerequisite(record: WireRecord): Prerequisite {
  const { name, type } = record
  if (record.ttlSeconds !== 0) throw new DnsParseError('a prerequisite has a TTL')
  if (record.class === 'IN' && type !== 'ANY') return { kind: 'set-is', name, type, values: [presentValue(type, record.data)] }
  if (!isEmpty(record)) throw new DnsParseError('a prerequisite has data where it has none')
  if (record.class === 'ANY') return type === 'ANY' ? { kind: 'name-in-use', name } : { kind: 'set-exists', name, type }
  if (record.class === 'NONE') return type === 'ANY' ? { kind: 'name-not-in-use', name } : { kind: 'set-absent', name, type }
  throw new DnsParseError('a prerequisite has a class that means nothing')
}

/** RFC 2136, 3.4.1. */
function readStep(record: WireRecord): UpdateStep {
  const { name, type, ttlSeconds, data } = record
  if (record.class === 'IN' && type !== 'ANY') return { kind: 'add', name, type, ttlSeconds, values: [presentValue(type, data)] }
  if (ttlSeconds !== 0) throw new DnsParseError('what is to be deleted has a TTL')
  if (record.class === 'NONE' && type !== 'ANY') return { kind: 'delete-record', name, type, values: [presentValue(type, data)] }
  if (record.class !== 'ANY' || !isEmpty(record)) throw new DnsParseError('an update has a class or data that mean nothing')
  return type === 'ANY' ? { kind: 'delete-name', name } : { kind: 'delete-set', name, type }
}

function isEmpty({ data }: WireRecord): boolean {
  return data.kind === 'opaque' && data.bytes.length === 0
}

/** Values that stand one after the other for the same thing. */
function joinValues<T extends Prerequisite | UpdateStep>(list: readonly T[]): readonly T[] {
  const joined: T[] = []
  for (const entry of list) {
    const last = joined.at(-1)
    if (last && 'values' in last && 'values' in entry && head(last) === head(entry)) {
      joined[joined.length - 1] = { ...last, values: [...last.values, ...entry.values] }
    } else joined.push(entry)
  }
  return joined
}

function head(entry: Prerequisite | UpdateStep): string {
  return [entry.kind, entry.name, 'type' in entry && entry.type, 'ttlSeconds' in entry && entry.ttlSeconds].join(' ')
}
