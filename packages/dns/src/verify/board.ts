import { addressText, type Asked, type ServerAddress } from './answer.ts'
import { type Expected, factsOf, judgeFacts, type ServerFacts, type Standing } from './judge.ts'
import { newestSerial } from '../serial.ts'

/** One address of a name server: what resolvers ask. */
export interface Place extends ServerAddress {
  /** The name server's name, where it is known. */
  readonly name?: string | undefined
  /** Who says that it is one: the parent's delegation, the zone itself, both, or whoever called. */
  readonly from: 'parent' | 'child' | 'both' | 'option'
}

/** What is known of one place. */
interface PlaceRecord {
  readonly place: Place
  readonly facts: ServerFacts
  readonly asked: number
  /** When it first served the set, and when it was last asked in vain before; on the clock's monotonic time. */
  readonly servedAtMs: number | undefined
  readonly inVainAtMs: number | undefined
}

/** All places, and what each was seen to do. */
export interface Board {
  readonly expected: Expected
  readonly records: readonly PlaceRecord[]
}

/** Both answers of a place, and when the questions went out and the last answer came. */
export interface Observation {
  readonly set: Asked
  readonly soa: Asked
  readonly sentAtMs: number
  readonly atMs: number
}

/** What became of one name server's address. */
export interface ServerReport extends ServerAddress {
  readonly name?: string | undefined
  readonly from: Place['from']
  readonly standing: Standing
  /** How often it was asked. */
  readonly asked: number
  /**
   * From the change to its first right answer, in milliseconds; undefined while there was none. It served the set no later
   * than this, and no sooner than `lagAtLeastMs`, when it was last asked in vain.
   */
  readonly lagMs: number | undefined
  readonly lagAtLeastMs: number
  /** Whether it counts: not where this machine cannot reach one address family, and has asked the same server over the other. */
  readonly counted: boolean
}

/** How far a change has come: accepted; served by some; served by all. */
export type Stage = 'applied' | 'served' | 'converged'

export interface Tally {
  readonly stage: Stage
  readonly serving: number
  readonly of: number
}

const UNASKED: ServerFacts = { kind: 'silent', because: 'no answer yet', here: false }

export function beginBoard(expected: Expected, places: readonly Place[]): Board {
  const records = places.map((place) => ({ place, facts: UNASKED, asked: 0, servedAtMs: undefined, inVainAtMs: undefined }))
  return { expected, records }
}

/** Notes what a place answered. */
export function observe(board: Board, place: Place, { set, soa, sentAtMs, atMs }: Observation): Board {
  const facts = factsOf(board.expected, set, soa)
  const seen = board.records.map((record) => (record.place === place ? { ...record, facts, asked: record.asked + 1 } : record))
  const newest = newestOf(board.expected, seen)
  const records = seen.map((record) => {
    if (record.place !== place) return record
    // What was asked for before the change reached the server says nothing of later: the time of sending is the safe one.
    if (judgeFacts(board.expected, facts, newest).state !== 'serves') return { ...record, servedAtMs: undefined, inVainAtMs: sentAtMs }
    return { ...record, servedAtMs: record.servedAtMs ?? atMs }
  })
  return { expected: board.expected, records }
}

/** Where a place stands, by all that is known. */
export function standingOf(board: Board, place: Place): Standing {
  const facts = board.records.find((record) => record.place === place)?.facts ?? UNASKED
  return judgeFacts(board.expected, facts, newestOf(board.expected, board.records))
}

/** @param appliedAtMs when the provider accepted the change, on the clock's monotonic time */
export function reportOf(board: Board, appliedAtMs: number): readonly ServerReport[] {
  const newest = newestOf(board.expected, board.records)
  return board.records.map(({ place, facts, asked, servedAtMs, inVainAtMs }) => ({
    ...place,
    standing: judgeFacts(board.expected, facts, newest),
    asked,
    lagMs: servedAtMs === undefined ? undefined : Math.max(0, servedAtMs - appliedAtMs),
    lagAtLeastMs: inVainAtMs === undefined ? 0 : Math.max(0, inVainAtMs - appliedAtMs),
    counted: isCounted(facts, place, board.records),
  }))
}

export function tally(reports: readonly ServerReport[]): Tally {
  const counted = reports.filter((report) => report.counted)
  const serving = counted.filter(({ standing }) => standing.state === 'serves').length
  const of = counted.length
  return { stage: serving === 0 ? 'applied' : serving < of ? 'served' : 'converged', serving, of }
}

/** A server as people find it: `ns1.example.com (192.0.2.53)`. */
export function placeText(place: ServerAddress & { readonly name?: string | undefined }): string {
  return place.name === undefined ? addressText(place) : `${place.name} (${addressText(place)})`
}

function newestOf(expected: Expected, records: readonly PlaceRecord[]): number | undefined {
  return newestSerial([expected.serial, ...records.map(({ facts }) => (facts.kind === 'set' ? facts.serial : undefined))])
}

function isCounted(facts: ServerFacts, place: Place, records: readonly PlaceRecord[]): boolean {
  if (facts.kind !== 'silent' || !facts.here || place.name === undefined) return true
  return !records.some((other) => other.place.name === place.name && !(other.facts.kind === 'silent' && other.facts.here))
}
