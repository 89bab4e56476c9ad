import type { Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import type { BirdSession } from './look.ts'

/** What is asked of the sessions. */
export interface SessionTerms {
  /** Their names; undefined for all that BIRD has. */
  readonly sessions: readonly string[] | undefined
  /** How many of them have to be established, at least one. */
  readonly minEstablished: number
}

/** Those that count, in the order of `terms`. */
function countedSessions(all: readonly BirdSession[], { sessions }: SessionTerms): readonly BirdSession[] {
  return sessions === undefined ? all : sessions.flatMap((name) => all.find((each) => each.name === name) ?? [])
}

/** Why a node whose BIRD says this could not announce anything; undefined when it could. */
export function sessionObstacle(all: readonly BirdSession[], terms: SessionTerms): string | undefined {
  const counted = countedSessions(all, terms)
  const established = counted.filter((session) => session.established)
  if (established.length >= terms.minEstablished) return undefined
  const unknown = (terms.sessions ?? []).filter((name) => !counted.some((session) => session.name === name))
  const others = [
    ...counted.flatMap(({ name, established: up, info }) => (up ? [] : [`${name} is ${info}`])),
    ...unknown.map((name) => `BIRD has no session ${name}`),
  ]
  const which = others.slice(0, SHOWN).join(', ') || 'BIRD has no session of BGP'
  return `${established.length} sessions with routers are established, and ${terms.minEstablished} are needed: ${which}`
}

/** The sessions on which the route goes out. */
export function announcedTo(all: readonly BirdSession[], terms: SessionTerms): readonly string[] {
  return countedSessions(all, terms).flatMap(({ name, established, exported }) => (established && exported ? [name] : []))
}

/** What was seen of an announced address. */
export interface AnnouncementFacts {
  /** The address itself, on this node. */
  readonly address: Verdict<ResourceState>
  /** Undefined when BIRD could not be asked. */
  readonly sessions: readonly BirdSession[] | undefined
  /** Why BIRD could not be asked. */
  readonly problem: string | undefined
  /** Whether it was acquired under a right that is still valid. */
  readonly mayAct: boolean
}

/**
 * How an announced address stands. An address that is here and goes out to too few routers is not all there, and is mended or
 * moved; but without a right it is here all the same, and has to be let go of: it would go out again with the next session.
 */
export function announcementStanding(facts: AnnouncementFacts, terms: SessionTerms): Pick<Verdict<ResourceState>, 'state' | 'because'> {
  const { address, sessions, problem, mayAct } = facts
  if (address.state !== 'held') return { state: address.state, because: address.because }
  const lame: ResourceState = mayAct ? (sessions === undefined ? 'unknown' : 'absent') : 'held'
  if (sessions === undefined) return { state: lame, because: `${address.because}; ${problem ?? 'BIRD was not asked'}` }
  const to = announcedTo(sessions, terms)
  if (to.length >= terms.minEstablished) return { state: 'held', because: `it is announced to ${to.join(', ')}` }
  const why = sessionObstacle(sessions, terms) ?? `BIRD exports it to ${to.join(', ') || 'no session'}: does the export filter let it pass?`
  return { state: lame, because: `${address.because}, and not announced: ${why}` }
}

/** A router has hundreds of sessions, and a sentence has room for a few. */
const SHOWN = 5
