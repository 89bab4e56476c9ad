import { type Clock, clipDetail, errorCode, errorText, type Timer } from '@hotspare/core'
import { nextBeat } from './beat-schedule.ts'
import type { CounterStore } from './counter.ts'
import { heartbeatDefaults } from './defaults.ts'
import { initialDetector } from './detector-options.ts'
import { DropCounters, type DropReason } from './drops.ts'
import { effectEvent, type HeartbeatEvent } from './events.ts'
import { admit, type GatePath, type GateRules } from './gate.ts'
import type { KeyRing } from './key-ring.ts'
import type { PeerInput, PeerRules } from './machine.ts'
import { nameId } from './name-id.ts'
import type { ResolvedSettings } from './options.ts'
import { encodeBeat } from './packet.ts'
import { PeerLink } from './peer-link.ts'
import { SentBeats } from './sent-beats.ts'
import type { HeartbeatSnapshot } from './snapshot.ts'
import type { DatagramTransport, TransportHandlers } from './transport.ts'

/** What a pulse is given. */
export interface PulseParts {
  readonly settings: ResolvedSettings
  readonly session: string
  readonly clock: Clock
  readonly counter: CounterStore
  readonly transport: DatagramTransport
  readonly keys: KeyRing
  readonly emit: (event: HeartbeatEvent) => void
}

/** The most beats of ours that are remembered. */
const MOST_SENT = 4_096

/** The running part of a heartbeat: sends on time, hands on what comes in, looks at its watch. */
export class Pulse implements TransportHandlers {
  keys: KeyRing
  readonly links: readonly PeerLink[]
  readonly #parts: PulseParts
  readonly #gate: GateRules<PeerLink>
  readonly #rules: PeerRules
  readonly #sent: SentBeats
  readonly #drops = new DropCounters()
  readonly #unreported = new DropCounters()
  #timer: Timer | undefined
  #live = false
  #startMs = 0
  #lookedMs = 0
  /** The last pause of our own: what was sent during it is not too old because of us. */
  #pause = { endMs: -Infinity, lengthMs: 0 }
  #reportDropsMs = 0
  #counterProblem: string | undefined
  #beats = 0
  #skipped = 0
  #worstLateMs = 0

  constructor(parts: PulseParts) {
    const { node, peers, intervalMs, rise, maxAgeMs, detector } = parts.settings
    this.#parts = parts
    this.keys = parts.keys
    this.#rules = { rise, intervalMs, detector: initialDetector(detector) }
    this.links = peers.map((peer) => new PeerLink(peer, this.#rules, parts.clock.wallMs()))
    this.#gate = { ownId: nameId(node), peers: new Map(this.links.map((link) => [link.id, { peer: link, paths: gatePaths(link) }])) }
    // What is older than this is too old anyway.
    this.#sent = new SentBeats(Math.min(MOST_SENT, Math.ceil(maxAgeMs / intervalMs) + 8))
  }

  /** The first beat, and all that follow. */
  begin(): void {
    const { clock } = this.#parts
    const atMs = clock.monotonicMs()
    this.#live = true
    this.#startMs = atMs
    this.#lookedMs = atMs
    this.#reportDropsMs = atMs + heartbeatDefaults.dropReportMs
    for (const link of this.links) link.begin({ atMs, wallMs: clock.wallMs() })
    this.#sendAll(false)
    this.#arm(0)
  }

  /** Tells the peers that this node goes. */
  sayGoodbye(): void {
    this.#sendAll(true)
  }

  /** Ends the beats, and what comes in no longer counts. */
  halt(): void {
    this.#live = false
    this.#timer?.cancel()
    this.#timer = undefined
  }

  decide(link: PeerLink, input: PeerInput, atMs: number = this.#parts.clock.monotonicMs()): void {
    const effects = link.decide(input, atMs)
    const at = this.#parts.clock.wallMs()
    link.settle(at)
    for (const effect of effects) this.#parts.emit(effectEvent(effect, link, at))
  }

  onPacket(bytes: Uint8Array, listen: string): void {
    if (!this.#live) return
    const admission = admit(bytes, listen, this.#gate, this.keys)
    if (!admission.ok) return this.#drop(admission.reason)
    const { session, clock, settings } = this.#parts
    const { beat, peer, path } = admission
    const atMs = clock.monotonicMs()
    const maxAgeMs = settings.maxAgeMs + this.#ownDelayMs(atMs)
    const { input, dropped } = peer.receive(beat, path, { atMs, session, maxAgeMs, sent: this.#sent })
    if (dropped !== undefined) this.#drop(dropped)
    this.decide(peer, input, atMs)
  }

  snapshot(running: boolean): HeartbeatSnapshot {
    const { settings, session, clock } = this.#parts
    const atMs = clock.monotonicMs()
    return {
      node: settings.node,
      session,
      running,
      beats: { sent: this.#beats, counter: this.#sent.latest, skipped: this.#skipped, worstLateMs: this.#worstLateMs },
      drops: this.#drops.snapshot(),
      peers: this.links.map((link) => link.snapshot(atMs)),
    }
  }

  #arm(index: number): void {
    const { clock, settings } = this.#parts
    const nowMs = clock.monotonicMs()
    const next = nextBeat({ startMs: this.#startMs, intervalMs: settings.intervalMs }, index, nowMs)
    this.#skipped += next.skipped
    this.#timer = clock.schedule(Math.max(0, next.dueMs - nowMs), () => this.#beat(next.dueMs, next.index))
  }

  #beat(dueMs: number, index: number): void {
    const atMs = this.#parts.clock.monotonicMs()
    this.#worstLateMs = Math.max(this.#worstLateMs, atMs - dueMs)
    // Armed before anything that could throw: whatever a listener or a transport does, beats go on.
    this.#arm(index)
    this.#sendAll(false)
    this.#look(atMs)
  }

  #look(atMs: number): void {
    const gapMs = atMs - this.#lookedMs
    this.#lookedMs = atMs
    // One time for all: what the listeners of one link take is no lateness of the next.
    for (const link of this.links) this.decide(link, { type: 'look' }, atMs)
    const at = this.#parts.clock.wallMs()
    if (gapMs > this.#parts.settings.ownPauseMs) {
      this.#pause = { endMs: atMs, lengthMs: gapMs }
      this.#parts.emit({ type: 'heartbeat-late', at, gapMs, skippedBeats: Math.max(0, Math.floor(gapMs / this.#rules.intervalMs) - 1) })
    }
    this.#reportDrops(atMs, at)
    this.#reportCounter(at)
  }

  #sendAll(goodbye: boolean): void {
    const { counter, clock, session, transport } = this.#parts
    const atMs = clock.monotonicMs()
    const number = counter.next()
    this.#beats += 1
    this.#sent.record(number, atMs)
    const common = { keyId: this.keys.sendingId, goodbye, from: this.#gate.ownId, session, counter: number }
    for (const link of this.links) {
      link.paths.forEach((path, index) => {
        const beat = { ...common, to: link.id, path: path.id, ...link.report(index, atMs) }
        const packet = encodeBeat(beat, (body) => this.keys.sign(body))
        transport.send(packet, { from: path.options.from, to: path.options.address }, (error) => this.#wasSent(link, index, error))
      })
    }
  }

  #wasSent(link: PeerLink, path: number, error: Error | undefined): void {
    const fault = error && (errorCode(error) ?? clipDetail(errorText(error)))
    if (link.noteSent(path, fault)) this.decide(link, { type: 'send-fault', path, fault })
  }

  /** How much of a packet's age is our own doing. */
  #ownDelayMs(atMs: number): number {
    const { endMs, lengthMs } = this.#pause
    const sleepingMs = Math.max(0, atMs - this.#lookedMs - this.#rules.intervalMs)
    return Math.max(sleepingMs, atMs - endMs < this.#rules.intervalMs ? lengthMs : 0)
  }

  #drop(reason: DropReason): void {
    this.#drops.add(reason)
    // Two nodes that meet begin with these: no news.
    if (reason !== 'not-fresh') this.#unreported.add(reason)
  }

  #reportDrops(atMs: number, at: number): void {
    if (atMs < this.#reportDropsMs) return
    this.#reportDropsMs = atMs + heartbeatDefaults.dropReportMs
    const counts = this.#unreported.take()
    if (Object.keys(counts).length > 0) this.#parts.emit({ type: 'packets-dropped', at, counts })
  }

  #reportCounter(at: number): void {
    const problem = this.#parts.counter.problem()
    if (problem !== undefined && this.#counterProblem === undefined) this.#parts.emit({ type: 'counter-unsaved', at, because: problem })
    this.#counterProblem = problem
  }
}

function gatePaths(link: PeerLink): ReadonlyMap<string, GatePath> {
  return new Map(link.paths.map(({ id, options }, index) => [id, { index, boundTo: options.bound ? options.from : undefined }]))
}
