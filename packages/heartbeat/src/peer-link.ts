import type { HealthState, Verdict } from '@hotspare/core'
import { BeatTimer } from './beat-timings.ts'
import { LATE_INTERVALS } from './detection-bound.ts'
import { DropCounters, type DropReason } from './drops.ts'
import { type FreshnessContext, initialMemory, judge, type PeerMemory, type StaleReason } from './freshness.ts'
import { initialPeer, type PeerEffect, type PeerInput, type PeerRules, type PeerState, step } from './machine.ts'
import { nameId } from './name-id.ts'
import { SHORTEST_INTERVAL_MS } from './defaults.ts'
import { type Beat, type HeardReport, NO_SESSION } from './packet.ts'
import type { ResolvedPath, ResolvedPeer } from './settings-check.ts'
import type { PathSnapshot, PeerSnapshot } from './snapshot.ts'

/** RFC 6298's weight of a new sample. */
const RTT_WEIGHT = 1 / 8

/** How many beats a peer may have sent beyond what the time between allows: its late ones come together. */
const MOST_AT_ONCE = 100

/** A silence of so long is an outage, and says nothing of how late beats are. */
const OUTAGE_MS = 60_000

/** What a drop tells people about a path from which nothing else comes. */
const WHAT_COMES: Readonly<Record<StaleReason, string>> = {
  replayed: 'what comes is repeated, or its counters are behind: its clock or its counter file has gone back',
  'old-session': 'what comes is from an earlier session, or its counters are behind: its clock or its counter file has gone back',
  'not-fresh': 'it sends, but has not heard us since our start',
  stale: 'what comes was sent too long ago, or its machine was suspended and it has not heard us since',
}

/** The runner's view of a path. */
interface PathLink {
  readonly options: ResolvedPath
  readonly id: string
  readonly drops: DropCounters
  verdict: Verdict<HealthState>
  rttMs: number | undefined
  sent: number
  sendErrors: number
  received: number
  missed: number
  counted: { readonly session: string; readonly counter: number; readonly atMs: number } | undefined
  readonly timer: BeatTimer
}

/** One peer: what is remembered of it, and the verdict. Decides nothing: that is freshness.ts and machine.ts. */
export class PeerLink {
  readonly name: string
  readonly id: string
  readonly paths: readonly PathLink[]
  readonly #rules: PeerRules
  #startedMs = 0
  #memory: PeerMemory
  #machine: PeerState
  #verdict: Verdict<HealthState>

  constructor(peer: ResolvedPeer, rules: PeerRules, wallMs: number) {
    this.name = peer.name
    this.id = nameId(peer.name)
    this.#rules = rules
    this.#memory = initialMemory(peer.paths.length)
    this.#machine = this.#begun(peer.paths, 0)
    this.#verdict = { state: 'unknown', since: wallMs, because: 'the heartbeat has not started' }
    this.paths = peer.paths.map((options) => ({
      options,
      id: nameId(options.name),
      drops: new DropCounters(),
      verdict: this.#verdict,
      rttMs: undefined,
      sent: 0,
      sendErrors: 0,
      received: 0,
      missed: 0,
      counted: undefined,
      timer: new BeatTimer(rules.intervalMs),
    }))
  }

  /** From now on silence counts. */
  begin(now: { readonly atMs: number; readonly wallMs: number }): void {
    this.#startedMs = now.atMs
    this.#machine = this.#begun(
      this.paths.map((path) => path.options),
      now.atMs,
    )
    this.settle(now.wallMs)
  }

  get verdict(): Verdict<HealthState> {
    return this.#verdict
  }

  get session(): string | undefined {
    return this.#machine.session
  }

  /** What a beat to this peer on this path says about what was heard of it. */
  report(path: number, atMs: number): { readonly echo: string; readonly heard: HeardReport; readonly pathHeard: HeardReport } {
    const { session, highest, heardMs, paths } = this.#memory
    const onPath = paths[path]
    const heardOnPath = onPath !== undefined && onPath.highest > 0
    return {
      echo: session ?? NO_SESSION,
      heard: session === undefined ? { counter: 0, agoMs: 0 } : { counter: highest, agoMs: atMs - heardMs },
      pathHeard: heardOnPath ? { counter: onPath.highest, agoMs: atMs - onPath.heardMs } : { counter: 0, agoMs: atMs - this.#startedMs },
    }
  }

  /** Remembers an authentic packet. @returns what it says to the machine, and why it was dropped if it was */
  receive(beat: Beat, path: number, context: FreshnessContext): { readonly input: PeerInput; readonly dropped: DropReason | undefined } {
    const judgement = judge(this.#memory, beat, path, context)
    this.#memory = judgement.memory
    const link = this.paths[path]
    if (!judgement.fresh) {
      link?.drops.add(judgement.reason)
      return { input: { type: 'unproven', path, why: WHAT_COMES[judgement.reason] }, dropped: judgement.reason }
    }
    if (link) {
      const before = link.counted
      const missed = count(link, beat, judgement.rttMs, context.atMs)
      if (!beat.goodbye && before?.session === beat.session) {
        this.#time(link, path, { gapMs: context.atMs - before.atMs, missed }, context.atMs)
      }
    }
    const { session, pathHeard } = beat
    if (beat.goodbye) return { input: { type: 'goodbye', session }, dropped: undefined }
    return { input: { type: 'beat', path, session, sentMs: judgement.sentMs, deafForMs: pathHeard.agoMs }, dropped: undefined }
  }

  /** A gap in which this node was late itself is not the path's, and one of a minute is an outage. */
  #time(link: PathLink, path: number, { gapMs, missed }: { readonly gapMs: number; readonly missed: number }, atMs: number): void {
    const machine = this.#machine.paths[path]
    const wasLate = machine?.wasLate || atMs - this.#machine.lookedMs > LATE_INTERVALS * this.#rules.intervalMs
    if (wasLate || gapMs >= OUTAGE_MS) return
    // Beats that were lost until the path was given up were lost to an outage, and to no burst.
    const isOutage = machine?.state === 'down'
    if (isOutage) link.timer.add(Math.max(0, gapMs - missed * this.#rules.intervalMs), 0)
    else link.timer.add(gapMs, missed)
  }

  /** Counts what became of a packet to send. @returns whether that is news */
  noteSent(path: number, fault: string | undefined): boolean {
    const link = this.paths[path]
    if (!link) return false
    if (fault === undefined) link.sent += 1
    else link.sendErrors += 1
    return this.#machine.paths[path]?.sendFault !== fault
  }

  decide(input: PeerInput, atMs: number): readonly PeerEffect[] {
    const { state, effects } = step(this.#machine, input, atMs, this.#rules)
    this.#machine = state
    return effects
  }

  /** Brings the verdicts to where the machine is; `since` moves with a state only. */
  settle(wallMs: number): void {
    this.#verdict = moved(this.#verdict, this.#machine, wallMs)
    this.#machine.paths.forEach((path, index) => {
      const link = this.paths[index]
      if (link) link.verdict = moved(link.verdict, path, wallMs)
    })
  }

  /** Nobody watches any more. */
  close(because: string, wallMs: number): void {
    this.#verdict = { state: 'unknown', since: wallMs, because }
    for (const path of this.paths) path.verdict = this.#verdict
  }

  snapshot(atMs: number): PeerSnapshot {
    return {
      name: this.name,
      verdict: this.#verdict,
      session: this.session,
      paths: this.paths.map((path, index) => this.#pathSnapshot(path, index, atMs)),
    }
  }

  #begun(paths: readonly ResolvedPath[], atMs: number): PeerState {
    const names = paths.map((path) => path.name)
    return initialPeer(names, this.#rules, atMs)
  }

  #pathSnapshot(link: PathLink, index: number, atMs: number): PathSnapshot {
    const { options, verdict, rttMs, sent, sendErrors, received, missed, drops } = link
    const machine = this.#machine.paths[index]
    const heard = verdict.state === 'up' || verdict.state === 'degraded'
    return {
      name: options.name,
      address: options.address,
      from: options.from,
      verdict,
      heardAgoMs: machine?.heardMs === undefined ? undefined : atMs - machine.heardMs,
      hearsUs: heard ? verdict.state === 'up' : undefined,
      rttMs,
      limitMs: machine?.detector.limitMs ?? this.#rules.detector.limitMs,
      sendFault: machine?.sendFault,
      counters: { sent, sendErrors, received, missed, drops: drops.snapshot() },
      timings: link.timer.snapshot(),
    }
  }
}

/** @returns how many were missed since the last one */
function count(link: PathLink, { session, counter }: Beat, rttMs: number | undefined, atMs: number): number {
  const missed = missedBeats(link.counted, { session, counter, atMs })
  link.received += 1
  link.missed += missed
  link.counted = { session, counter, atMs }
  if (rttMs !== undefined) link.rttMs = link.rttMs === undefined ? rttMs : link.rttMs + RTT_WEIGHT * (rttMs - link.rttMs)
  return missed
}

/** A peer that was started anew has new numbers, under a new session or, as a heartbeat's own process, under the same one. */
function missedBeats(before: PathLink['counted'], { session, counter, atMs }: NonNullable<PathLink['counted']>): number {
  if (before?.session !== session) return 0
  const missed = counter - before.counter - 1
  return missed <= MOST_AT_ONCE + (atMs - before.atMs) / SHORTEST_INTERVAL_MS ? missed : 0
}

function moved(
  verdict: Verdict<HealthState>,
  to: { readonly state: HealthState; readonly because: string },
  wallMs: number,
): Verdict<HealthState> {
  if (verdict.state === to.state && verdict.because === to.because) return verdict
  return { state: to.state, because: to.because, since: verdict.state === to.state ? verdict.since : wallMs }
}
