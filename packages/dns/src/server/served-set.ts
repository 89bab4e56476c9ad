import { encodeMessage, noFlags, parseValue, presentValue, type RecordData, typeNumber } from '@hotspare/dns-wire'
import { assertNever, clipDetail, type HotspareError } from '@hotspare/core'
import { dnsError } from '../errors.ts'
import { canonicalName, readName } from '../name.ts'
import { type RecordSet, type RecordType, recordTypes } from '../record-set.ts'
import { recordSet } from '../value.ts'
import { TYPE } from './protocol.ts'
import type { DataPart } from './tail-writer.ts'

/** Records of one name and type as they are served: of the types that change ({@link RecordSet}), or of others that just stand there. */
export interface ServedSet {
  /** Absolute: `www.example.com`; `*.example.com` for all names below that are not there. */
  readonly name: string
  /** `A`, `MX`, `CAA`, `SSHFP`, `TYPE65280`, ... */
  readonly type: string
  /** Whole seconds. */
  readonly ttlSeconds: number
  /** As zone files have them, TXT as the text itself. They are answered in this order. */
  readonly values: readonly string[]
}

/** A set that is ready to be put into answers. */
export interface StoredSet extends ServedSet {
  readonly typeNumber: number
  /** The data of each value. */
  readonly records: readonly (readonly DataPart[])[]
}

/** A record without a name: header, root, type, class, TTL, length of the data. */
const BEFORE_DATA_BYTES = 12 + 1 + 10
const LONGEST_TTL_SECONDS = 2_147_483_647
/** What signs a zone, or hands a part of it to others, is not served: there are no signatures and no delegations. RFC 4034, 5155. */
const NOT_SERVED = new Set(['SOA', 'NS', 'DNAME', 'DS', 'RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM'])

/**
 * Checks a set and puts it into the form in which it is answered.
 *
 * @throws HotspareError `HOTSPARE_DNS_VALUE`
 */
export function storedSet(given: ServedSet): StoredSet {
  const type = given.type.toUpperCase()
  const name = canonicalName(given.name)
  const number = numberOf(name, type)
  if (NOT_SERVED.has(type)) {
    const hint = type === 'NS' || type === 'SOA' ? `it is made of the options of the zone` : 'neither signatures nor delegations are'
    throw refuse(name, type, `is not served here: ${hint}`)
  }
  const values = isChanging(type) ? changingValues(name, type, given) : standingValues(name, type, given)
  return storedAs({ name, type, ttlSeconds: given.ttlSeconds, values }, number)
}

/** A set whose values are canonical already, of any type. */
export function storedAs(set: ServedSet, number: number): StoredSet {
  return { ...set, typeNumber: number, records: set.values.map((value) => dataParts(set.type, parseValue(set.type, value))) }
}

/** The set as providers compare it; undefined for a type that does not change. */
export function asRecordSet({ name, type, ttlSeconds, values }: ServedSet): RecordSet | undefined {
  return isChanging(type) ? recordSet({ name, type, ttlSeconds, values }) : undefined
}

/** Whether two sets are answered alike, the order of the values included. */
export function servedAlike(one: ServedSet | undefined, other: ServedSet | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  const { length } = one.values
  return (
    one.ttlSeconds === other.ttlSeconds && length === other.values.length && one.values.every((value, at) => value === other.values[at])
  )
}

function isChanging(type: string): type is RecordType {
  return type !== 'ALIAS' && recordTypes.some((known) => known === type)
}

function numberOf(name: string, type: string): number {
  let number: number
  try {
    number = typeNumber(type)
  } catch (error) {
    throw dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${clipDetail(type, 40)}: there is no such type of record`, { cause: error })
  }
  // RFC 6895, 3.1: types of 128 to 255 are questions, and OPT is no record either.
  if (number === 0 || number === TYPE.OPT || (number >= 128 && number <= 255)) throw refuse(name, type, 'is no type of records')
  return number
}

/** In the order of the caller, where `recordSet` sorts. */
function changingValues(name: string, type: RecordType, { ttlSeconds, values }: ServedSet): readonly string[] {
  const single = values.map((value) => recordSet({ name, type, ttlSeconds, values: [value] }).values[0] ?? value)
  recordSet({ name, type, ttlSeconds, values: single })
  return [...new Set(single)]
}

function standingValues(name: string, type: string, { ttlSeconds, values }: ServedSet): readonly string[] {
  if (values.length === 0) throw refuse(name, type, 'has no values: a set is never empty')
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > LONGEST_TTL_SECONDS) {
    throw refuse(name, type, `needs a TTL of whole seconds from 0 to ${LONGEST_TTL_SECONDS}`)
  }
  try {
    return [...new Set(values.map((value) => presentValue(type, parseValue(type, value.trim()))))]
  } catch (error) {
    throw dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${type}: a value cannot be read`, { cause: error })
  }
}

function dataParts(type: string, data: RecordData): readonly DataPart[] {
  switch (data.kind) {
    // Names in these may be shortened (RFC 3597, 4), in no others.
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return isPlain(data.target) ? [data.target] : [plainBytes(type, data)]
    case 'MX':
      return isPlain(data.exchange)
        ? [Uint8Array.of(data.preference >>> 8, data.preference & 0xff), data.exchange]
        : [plainBytes(type, data)]
    case 'opaque':
      return [data.bytes]
    case 'A':
    case 'AAAA':
    case 'CAA':
    case 'DNAME':
    case 'DNSKEY':
    case 'DS':
    case 'HTTPS':
    case 'RRSIG':
    case 'SOA':
    case 'SRV':
    case 'SVCB':
    case 'TXT':
      return [plainBytes(type, data)]
    default:
      return assertNever(data)
  }
}

/** A name of which every character stands for itself. */
function isPlain(name: string): boolean {
  return name === '.' || readName(name) !== undefined
}

/** As it stands on the wire where there is nothing that a name could be shortened by. */
function plainBytes(type: string, data: RecordData): Uint8Array {
  const message = encodeMessage({
    id: 0,
    flags: noFlags,
    rcode: 'NOERROR',
    questions: [],
    answers: [{ name: '.', type, class: 'IN', ttlSeconds: 0, data }],
    authorities: [],
    additionals: [],
  })
  return message.slice(BEFORE_DATA_BYTES)
}

function refuse(name: string, type: string, why: string): HotspareError {
  return dnsError('HOTSPARE_DNS_VALUE', `set: ${name} ${type} ${why}`)
}
