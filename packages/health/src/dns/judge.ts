import { failed, type Finding, passed } from '../failure.ts'
import type { DnsAnswer } from './message.ts'

/** What an answer must be. */
export interface DnsExpectations {
  readonly type: string
  readonly expectRcode: string
  readonly minAnswers: number
  /** In the spelling of `normalRecord`. */
  readonly expectAnswers: readonly string[] | undefined
  readonly allowMoreAnswers: boolean
  readonly expectAuthoritative: boolean
}

/** In these two words a server says that it cannot do its work, or will not do it for us. */
const UNWELL = new Set(['SERVFAIL', 'REFUSED'])

export function judgeAnswer(expected: DnsExpectations, answer: DnsAnswer, how: string): Finding {
  const { rcode, records } = answer
  const measures = { 'answer-count': records.length }
  const unexpected = (what: string) => failed('unexpected', `${rcode}${how}, ${what}`, { measures })
  if (rcode !== expected.expectRcode) {
    return failed(UNWELL.has(rcode) ? 'unwell' : 'unexpected', `${rcode}${how}, expected ${expected.expectRcode}`)
  }
  if (expected.expectAuthoritative && !answer.authoritative) return unexpected('but without authority for the name (no AA flag)')
  const amount = `${records.length} ${expected.type} record${records.length === 1 ? '' : 's'}`
  if (records.length < expected.minAnswers) return unexpected(`but ${amount}, expected at least ${expected.minAnswers}`)
  const difference = describeDifference(expected, records)
  if (difference !== undefined) return unexpected(`but ${difference}`)
  return passed(records.length === 0 ? `${rcode}${how}` : `${rcode}${how}, ${amount}: ${records.join(', ')}`, { measures })
}

function describeDifference({ expectAnswers, allowMoreAnswers }: DnsExpectations, records: readonly string[]): string | undefined {
  if (!expectAnswers) return undefined
  const missing = expectAnswers.filter((record) => !records.includes(record))
  const more = allowMoreAnswers ? [] : records.filter((record) => !expectAnswers.includes(record))
  const parts = [
    ...(missing.length > 0 ? [`without ${missing.join(', ')}`] : []),
    ...(more.length > 0 ? [`with ${more.join(', ')}, which is not expected`] : []),
  ]
  return parts.length > 0 ? parts.join(' and ') : undefined
}

/** A server and the serial that it has. */
export interface ServerSerial {
  readonly server: string
  readonly serial: number
}

/** The zone must be the same everywhere: one serial on all servers. */
export function judgeSerials(serials: readonly ServerSerial[]): Finding {
  const newest = serials.reduce((best, { serial }) => (serialDistance(best, serial) > 0 ? serial : best), serials[0]?.serial ?? 0)
  const lags = serials.map(({ server, serial }) => ({ server, serial, lag: Math.max(0, serialDistance(serial, newest)) }))
  const measures = { 'serial-lag': Math.max(0, ...lags.map(({ lag }) => lag)) }
  const behind = lags.filter(({ serial }) => serial !== newest)
  if (behind.length === 0) return passed(`serial ${newest} on all ${serials.length} servers`, { measures })
  const late = behind.map(({ server, serial }) => `${serial} on ${server}`).join(', ')
  return failed('unexpected', `serial ${newest}, but ${late}`, { measures })
}

/** How far `to` is ahead of `from`, in the circle of RFC 1982: negative where it is behind. */
export function serialDistance(from: number, to: number): number {
  return (to - from) | 0
}
