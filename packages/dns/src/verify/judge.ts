import type { RecordSet, RecordSetName } from '../record-set.ts'
import { type Answer, type Asked, recordsOf, soaOf } from './answer.ts'
import { serialDistance } from '../serial.ts'

/** A set that has to be gone. */
export interface RemovedSet extends RecordSetName {
  readonly removed: true
}

/** What every server has to serve. */
export interface Expected {
  readonly zone: string
  readonly set: RecordSet | RemovedSet
  /** The zone's serial since the change, where the provider told it: no server may be behind it. */
  readonly serial?: number | undefined
}

/** What a server was seen to do, without a word about whether that is right. */
export type ServerFacts =
  | { readonly kind: 'silent'; readonly because: string; readonly here: boolean }
  | { readonly kind: 'lame'; readonly because: string }
  | {
      readonly kind: 'set'
      /** Sorted. */
      readonly values: readonly string[]
      readonly ttlSeconds: number | undefined
      /** What the name is another name for, where it is one and something else was asked for. */
      readonly alias: string | undefined
      readonly serial: number | undefined
    }

/** Whether a server serves the set, and if not, why. */
export type Standing =
  | { readonly state: 'serves'; readonly serial: number | undefined }
  | { readonly state: 'unreachable'; readonly because: string; readonly here: boolean }
  /** It does not speak for the zone: not set up for it, or its copy has expired. */
  | { readonly state: 'lame'; readonly because: string }
  /** It has not heard of the change yet. */
  | { readonly state: 'old-serial'; readonly because: string; readonly serial: number; readonly newest: number }
  /** It has heard of everything that the others have, and still says something else. */
  | { readonly state: 'other-values'; readonly because: string; readonly values: readonly string[]; readonly serial: number | undefined }
  | { readonly state: 'other-ttl'; readonly because: string; readonly ttlSeconds: number; readonly serial: number | undefined }

/** Puts two answers of a server together: to the question for the set, and to the one for the zone's SOA. */
export function factsOf(expected: Expected, asked: Asked, soa: Asked): ServerFacts {
  if (asked.kind === 'silent') return asked
  const { answer } = asked
  const lame = lameness(answer)
  if (lame !== undefined) return { kind: 'lame', because: lame }
  const { name, type } = expected.set
  const records = recordsOf(answer.answers, name, type)
  return {
    kind: 'set',
    values: [...new Set(records.map(({ value }) => value))].toSorted(),
    // Records of one set have one TTL (RFC 2181, 5.2); where a server breaks that, the longest is what counts.
    ttlSeconds: records.length === 0 ? undefined : Math.max(...records.map(({ ttlSeconds }) => ttlSeconds)),
    alias: type === 'CNAME' ? undefined : recordsOf(answer.answers, name, 'CNAME')[0]?.value,
    serial: soa.kind === 'answer' && soa.answer.authoritative ? soaOf(soa.answer, expected.zone)?.serial : undefined,
  }
}

/** Why a server's word does not count; undefined where it does. */
export function lameness(answer: Answer): string | undefined {
  if (answer.rcode !== 'NOERROR' && answer.rcode !== 'NXDOMAIN') return answer.rcode
  if (answer.authoritative) return undefined
  const others = answer.authorities.filter(({ type }) => type === 'NS').map(({ value }) => value)
  return others.length > 0 && answer.answers.length === 0
    ? `without authority: it refers to ${others.slice(0, 3).join(', ')}`
    : 'without authority for the zone (no AA flag)'
}

/**
 * @param newest the newest serial that any server of the zone has, where one is known
 */
export function judgeFacts(expected: Expected, facts: ServerFacts, newest: number | undefined): Standing {
  if (facts.kind === 'silent') return { state: 'unreachable', because: facts.because, here: facts.here }
  if (facts.kind === 'lame') return { state: 'lame', because: facts.because }
  const { values, ttlSeconds, alias, serial } = facts
  const wanted = 'removed' in expected.set ? [] : expected.set.values.toSorted()
  const is = described(values, alias)
  if (values.join('\n') !== wanted.join('\n') || alias !== undefined) {
    if (serial !== undefined && newest !== undefined && serialDistance(serial, newest) > 0) {
      return { state: 'old-serial', because: `serial ${serial}, not yet ${newest}: ${is}`, serial, newest }
    }
    const instead = wanted.length === 0 ? '' : ` instead of ${listed(wanted)}`
    return { state: 'other-values', because: `${is}${instead}`, values, serial }
  }
  if (expected.serial !== undefined && serial !== undefined && serialDistance(serial, expected.serial) > 0) {
    const because = `serial ${serial}, not yet ${expected.serial}, though the set is the same`
    return { state: 'old-serial', because, serial, newest: expected.serial }
  }
  if (!('removed' in expected.set) && ttlSeconds !== undefined && ttlSeconds !== expected.set.ttlSeconds) {
    return { state: 'other-ttl', because: `a TTL of ${ttlSeconds} s instead of ${expected.set.ttlSeconds} s`, ttlSeconds, serial }
  }
  return { state: 'serves', serial }
}

function described(values: readonly string[], alias: string | undefined): string {
  if (alias !== undefined) return `an alias of ${alias}`
  return values.length === 0 ? 'no such record' : listed(values)
}

/** Nobody reads a longer list. */
const SHOWN_VALUES = 4

function listed(values: readonly string[]): string {
  const shown = values.slice(0, SHOWN_VALUES).join(', ')
  return values.length > SHOWN_VALUES ? `${shown} and ${values.length - SHOWN_VALUES} more` : shown
}
