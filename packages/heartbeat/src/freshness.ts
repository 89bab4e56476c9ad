import type { Beat } from './packet.ts'

/*
 * Who can only capture and repeat packets, but not sign them, must not make a dead peer look alive nor a live one dead.
 *
 * - A counter that is not above the last on its path is dropped: repeats, and packets that were overtaken.
 *   Counters grow over restarts of the sender, so whatever was captured is below what the live sender sends next.
 * - A receiver that was restarted has forgotten the counters. So only a packet that echoes its present session, a random
 *   number that nobody knew before, is a sign of life. Any other authentic packet merely teaches it the sender's session, so
 *   that the two can come to terms.
 * - What is learnt is never worse than nothing: a session is given up only for one with a higher counter than any seen,
 *   and no session comes back. A repeated old packet can teach a restarted receiver an old session; the sender's next
 *   packet, whose counter is higher, corrects it.
 * - A packet that was held back, and comes for the first time when its sender is dead, passes all that. So each is also dated:
 *   it says which of our own beats its sender has heard, and how long before. What was sent too long ago is no sign of life.
 */

/** How many former sessions of a peer are remembered. Two machines with one name would otherwise take turns in being it. */
const RETIRED_SESSIONS = 8

export interface PathMemory {
  /** The highest counter heard on this path; 0 for none. */
  readonly highest: number
  /** When that came in. */
  readonly heardMs: number
}

/** What is remembered of a peer's packets; authentic ones alone change it. */
export interface PeerMemory {
  /** Undefined as long as nothing was heard. */
  readonly session: string | undefined
  /** The highest counter of the session, on any path. */
  readonly highest: number
  /** When that came in. */
  readonly heardMs: number
  /** No packet with a counter up to this counts: it was sent before a goodbye. */
  readonly floor: number
  /** Former sessions, oldest first. */
  readonly retired: readonly string[]
  readonly paths: readonly PathMemory[]
  /** The last of our beats that the peer reported to have heard, and when that went out: it may report the same for long. */
  readonly dated: { readonly counter: number; readonly sentMs: number } | undefined
}

/** What the receiver knows about itself. */
export interface FreshnessContext {
  readonly atMs: number
  readonly session: string
  /** How old a packet may be. */
  readonly maxAgeMs: number
  readonly sent: { readonly latest: number; readonly oldestMs: number; at(counter: number): number | undefined }
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

export function initialMemory(paths: number): PeerMemory {
  return {
    session: undefined,
    highest: 0,
    heardMs: 0,
    floor: 0,
    retired: [],
    paths: Array.from({ length: paths }, () => ({ highest: 0, heardMs: 0 })),
    dated: undefined,
  }
}

/** Judges an authentic packet of a peer on one of its paths. */
export function judge(memory: PeerMemory, beat: Beat, path: number, context: FreshnessContext): Judgement {
  const onPath = memory.paths[path]
  if (!onPath || beat.counter <= onPath.highest || beat.counter <= memory.floor) return { memory, fresh: false, reason: 'replayed' }
  if (beat.session !== memory.session && (beat.counter <= memory.highest || memory.retired.includes(beat.session))) {
    return { memory, fresh: false, reason: 'old-session' }
  }
  const learnt = learn(memory, beat, path, context.atMs)
  if (beat.echo !== context.session || beat.heard.counter > context.sent.latest)
    return { memory: learnt, fresh: false, reason: 'not-fresh' }
  return date(learnt, beat, context)
}

function learn(memory: PeerMemory, beat: Beat, path: number, atMs: number): PeerMemory {
  const paths = memory.paths.map((known, index) => (index === path ? { highest: beat.counter, heardMs: atMs } : known))
  if (beat.session !== memory.session) {
    const retired = memory.session === undefined ? memory.retired : [...memory.retired, memory.session].slice(-RETIRED_SESSIONS)
    return { ...memory, session: beat.session, highest: beat.counter, heardMs: atMs, retired, paths, dated: undefined }
  }
  return beat.counter > memory.highest ? { ...memory, highest: beat.counter, heardMs: atMs, paths } : { ...memory, paths }
}

function date(memory: PeerMemory, beat: Beat, { atMs, maxAgeMs, sent }: FreshnessContext): Judgement {
  const { counter, agoMs } = beat.heard
  const ours = memory.dated?.counter === counter ? memory.dated.sentMs : sent.at(counter)
  // Of a beat that is forgotten this much is known: it went out by `oldestMs`, and by when the sender says it came in.
  const oursMs = ours ?? Math.min(sent.oldestMs, atMs - agoMs)
  const latestSentMs = ours === undefined ? sent.oldestMs + agoMs : oursMs + agoMs
  if (atMs - latestSentMs > maxAgeMs) return { memory, fresh: false, reason: 'stale' }
  // A sender that was suspended, or whose clock runs fast, may come out in the future.
  const sentMs = Math.min(atMs, latestSentMs)
  // A goodbye comes several times, on every path: what was sent before the first is over.
  const floor = beat.goodbye ? Math.max(memory.floor, beat.counter - 1) : memory.floor
  const dated = memory.dated && memory.dated.counter > counter ? memory.dated : { counter, sentMs: oursMs }
  return { memory: { ...memory, floor, dated }, fresh: true, sentMs, rttMs: roundTripMs(beat, atMs, sent) }
}

function roundTripMs({ pathHeard }: Beat, atMs: number, sent: FreshnessContext['sent']): number | undefined {
  const sentMs = sent.at(pathHeard.counter)
  return sentMs === undefined ? undefined : Math.max(0, atMs - sentMs - pathHeard.agoMs)
}
