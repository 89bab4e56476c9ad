import type { Beat } from './packet.ts'
import type { SentBeats } from './sent-beats.ts'

/*
 * Who can only capture and repeat packets, but not sign them, must not make a dead peer look alive nor a live one dead.
 *
 * - Within a session, a counter that is not above the last on its path is dropped: repeats, and packets that were overtaken.
 * - Only a packet that answers a beat which this very process has sent is a sign of life: it echoes our session, a random
 *   number that nobody knew before, and the number of a beat no lower than our first.
 * - A session follows another that gave signs of life when it answers a beat of ours that went out after the last of them: so
 *   it was alive later. Its counter need not be higher, so a peer whose clock or counter file went back is known again.
 *   No session comes back that was followed.
 * - A packet that answers nothing is hearsay. It teaches a receiver that knows no living session whom to answer, so that the
 *   two can come to terms, and never displaces a session that gave a sign of life. Among hearsay the highest counter wins: counters grow
 *   over restarts, so a repeated old packet is corrected by the sender's next; where they did not grow, time corrects it.
 * - A packet that was held back, and comes for the first time when its sender is dead, passes all that. So each is also dated:
 *   it says which of our own beats its sender has heard, and how long before. What was sent too long ago is no sign of life.
 *
 * One case is left alone: a peer that hears nothing from us, and whose machine is suspended for longer than a packet may be
 * old, dates its packets too early by that time, and they are stale until it hears us again. They are the same, bit for bit, as
 * packets that somebody held back for so long; to believe them would be to believe a recording of a dead peer.
 */

/** How many former sessions of a peer are remembered. Two machines with one name would otherwise take turns in being it. */
const RETIRED_SESSIONS = 8

export interface PathMemory {
  /** The highest counter of the session that was heard on this path; 0 for none. */
  readonly highest: number
  /** When that came in. */
  readonly heardMs: number
}

/** What is remembered of a peer's packets; authentic ones alone change it. */
export interface PeerMemory {
  /** Undefined as long as nothing was heard. */
  readonly session: string | undefined
  /** When its last sign of life came in; undefined while it is hearsay. */
  readonly provenMs: number | undefined
  /** The highest counter of the session, on any path. */
  readonly highest: number
  /** When that came in. */
  readonly heardMs: number
  /** No packet of the session with a counter up to this counts: it was sent before a goodbye. */
  readonly floor: number
  /** Former sessions that gave signs of life, oldest first. */
  readonly retired: readonly string[]
  readonly paths: readonly PathMemory[]
  /** The last of our beats that the session reported to have heard, and when that went out: it may report the same for long. */
  readonly dated: { readonly counter: number; readonly sentMs: number } | undefined
}

/** What the receiver knows about itself. */
export interface FreshnessContext {
  readonly atMs: number
  readonly session: string
  /** How old a packet may be. */
  readonly maxAgeMs: number
  /** The beats of this process. */
  readonly sent: Pick<SentBeats, 'first' | 'latest' | 'oldestMs' | 'at'>
}

/** Why an authentic packet is no sign of life. */
export type StaleReason = 'replayed' | 'old-session' | 'not-fresh' | 'stale'

export type Judgement = {
  readonly memory: PeerMemory
} & (
  | {
      readonly fresh: true
      /** Not before this was it sent, by the receiver's clock. */
      readonly sentMs: number
      /** There and back on this path; undefined when the sender has not heard us on it lately. */
      readonly rttMs: number | undefined
    }
  | { readonly fresh: false; readonly reason: StaleReason }
)

const NOT_HEARD: PathMemory = { highest: 0, heardMs: 0 }

export function initialMemory(paths: number): PeerMemory {
  return {
    session: undefined,
    provenMs: undefined,
    highest: 0,
    heardMs: 0,
    floor: 0,
    retired: [],
    paths: Array.from({ length: paths }, () => NOT_HEARD),
    dated: undefined,
  }
}

/** Judges an authentic packet of a peer on one of its paths. */
export function judge(memory: PeerMemory, beat: Beat, path: number, context: FreshnessContext): Judgement {
  const onPath = memory.paths[path]
  const same = beat.session === memory.session
  if (!onPath || (same && beat.counter <= Math.max(onPath.highest, memory.floor))) return { memory, fresh: false, reason: 'replayed' }
  if (memory.retired.includes(beat.session)) return { memory, fresh: false, reason: 'old-session' }
  const learnt = learn(memory, beat, path, context.atMs)
  const unproven = same || isNews(memory, beat, context) ? learnt : memory
  if (!answersUs(beat, context)) {
    const behind = unproven === memory && beat.counter <= memory.highest
    return { memory: unproven, fresh: false, reason: behind ? 'old-session' : 'not-fresh' }
  }
  const { oursMs, notBeforeMs } = datedBy(beat, learnt, context)
  if (context.atMs - notBeforeMs > context.maxAgeMs) return { memory: unproven, fresh: false, reason: 'stale' }
  if (!same && !follows(memory, beat, context)) return { memory, fresh: false, reason: 'old-session' }
  return {
    memory: proven(learnt, beat, oursMs, context.atMs),
    fresh: true,
    // A sender that was suspended, or whose clock runs fast, may come out in the future.
    sentMs: Math.min(context.atMs, notBeforeMs),
    rttMs: roundTripMs(beat, context),
  }
}

/** Whether its sender has heard a beat of this process: one of the same session before it had lower numbers. */
function answersUs({ echo, heard }: Beat, { session, sent }: FreshnessContext): boolean {
  return echo === session && heard.counter >= sent.first && heard.counter <= sent.latest
}

/** Whether hearsay of another session is worth more than what is known. */
function isNews({ session, provenMs, highest, heardMs }: PeerMemory, beat: Beat, { atMs, maxAgeMs }: FreshnessContext): boolean {
  if (session === undefined) return true
  return provenMs === undefined && (beat.counter > highest || atMs - heardMs > maxAgeMs)
}

/** Whether the sender of a packet that answers us was alive after the session that we know. */
function follows({ provenMs }: PeerMemory, { heard }: Beat, { sent }: FreshnessContext): boolean {
  return provenMs === undefined || (sent.at(heard.counter) ?? -Infinity) > provenMs
}

function learn(memory: PeerMemory, beat: Beat, path: number, atMs: number): PeerMemory {
  const known = beat.session === memory.session ? memory : begun(memory, beat.session)
  const paths = known.paths.map((other, index) => (index === path ? { highest: beat.counter, heardMs: atMs } : other))
  return beat.counter > known.highest ? { ...known, highest: beat.counter, heardMs: atMs, paths } : { ...known, paths }
}

/** What is known when another session begins. */
function begun({ session, provenMs, retired, paths }: PeerMemory, next: string): PeerMemory {
  const lived = session !== undefined && provenMs !== undefined
  return {
    ...initialMemory(paths.length),
    session: next,
    retired: lived ? [...retired, session].slice(-RETIRED_SESSIONS) : retired,
  }
}

/** When our beat that a packet answers went out, and when the packet itself did, at the earliest. */
function datedBy({ heard }: Beat, { dated }: PeerMemory, { atMs, sent }: FreshnessContext): { oursMs: number; notBeforeMs: number } {
  const oursMs = dated?.counter === heard.counter ? dated.sentMs : sent.at(heard.counter)
  if (oursMs !== undefined) return { oursMs, notBeforeMs: oursMs + heard.agoMs }
  // Of a beat that is forgotten this much is known: it went out by `oldestMs`, and by when the sender says it came in.
  return { oursMs: Math.min(sent.oldestMs, atMs - heard.agoMs), notBeforeMs: sent.oldestMs + heard.agoMs }
}

function proven(memory: PeerMemory, { goodbye, counter, heard }: Beat, oursMs: number, atMs: number): PeerMemory {
  // A goodbye comes several times, on every path: what was sent before the first is over.
  const floor = goodbye ? Math.max(memory.floor, counter - 1) : memory.floor
  const dated = memory.dated && memory.dated.counter > heard.counter ? memory.dated : { counter: heard.counter, sentMs: oursMs }
  return { ...memory, provenMs: atMs, floor, dated }
}

function roundTripMs({ pathHeard }: Beat, { atMs, sent }: FreshnessContext): number | undefined {
  const sentMs = sent.at(pathHeard.counter)
  return sentMs === undefined ? undefined : Math.max(0, atMs - sentMs - pathHeard.agoMs)
}
