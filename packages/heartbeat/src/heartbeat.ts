import { randomBytes } from 'node:crypto'
import {
  abortReason,
  clipDetail,
  type Clock,
  Emitter,
  errorText,
  type EventSource,
  type HealthState,
  HotspareError,
  type Listener,
  type Logger,
  silentLogger,
  sleep,
  systemClock,
  type Verdict,
  withDeadline,
} from '@hotspare/core'
import { type CounterStore, memoryCounter } from './counter.ts'
import { heartbeatDefaults } from './defaults.ts'
import type { HeartbeatEvent } from './events.ts'
import { fileCounter } from './file-counter.ts'
import { createKeyRing } from './key-ring.ts'
import { counterFloorSchema, type HeartbeatOptions, heartbeatSettingsSchema } from './options.ts'
import { parseOptions } from './parse-options.ts'
import type { PeerLink } from './peer-link.ts'
import { Pulse } from './pulse.ts'
import { clusterSecrets, type ClusterSecret, session as sessionSchema } from './schema-parts.ts'
import type { HeartbeatSnapshot } from './snapshot.ts'
import type { DatagramTransport } from './transport.ts'
import { udpTransport } from './udp-transport.ts'

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** Of which process of a peer it is known that it has ended, and how. */
export interface ProcessGone {
  /** The session that the process named, when that is known: news of a process that another has followed is ignored. */
  readonly session?: string | undefined
  /** One clause for people: `its connection was reset and it refuses a new one`. */
  readonly because: string
}

/**
 * Sends beats to the peers and keeps a verdict on each. What is decided is in freshness.ts (is a packet a sign of life?) and
 * machine.ts (what does it say about the peer?), what runs is in pulse.ts; here is its life.
 */
export class Heartbeat implements EventSource<HeartbeatEvent>, AsyncDisposable {
  /** Names this process to the peers: 16 hex digits. */
  readonly session: string
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #emitter: Emitter<HeartbeatEvent>
  readonly #counter: CounterStore
  readonly #counterFloor: number | undefined
  readonly #transport: DatagramTransport
  readonly #pulse: Pulse
  #running = false
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  /** @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS` */
  constructor(options: HeartbeatOptions) {
    const { clock = systemClock, logger = silentLogger, transport = udpTransport, counter, session, counterFloor, ...rest } = options
    const settings = parseOptions('heartbeat', heartbeatSettingsSchema, rest)
    const { listen, receiveBufferBytes, counterFile } = settings
    this.session = parseOptions('heartbeat: session', sessionSchema.optional(), session) ?? randomBytes(8).toString('hex')
    this.#counterFloor = parseOptions('heartbeat: counterFloor', counterFloorSchema.optional(), counterFloor)
    this.#clock = clock
    this.#logger = logger
    this.#emitter = new Emitter({ logger })
    this.#counter = counter ?? (counterFile === undefined ? memoryCounter({ clock }) : fileCounter(counterFile, { clock }))
    this.#transport = transport({ listen, receiveBufferBytes, clock, logger })
    this.#pulse = new Pulse({
      settings,
      session: this.session,
      clock,
      counter: this.#counter,
      transport: this.#transport,
      keys: createKeyRing(settings.secrets),
      emit: (event) => this.#emit(event),
    })
  }

  /**
   * Makes the counter ready, binds the sockets and sends the first beat. One that failed is stopped: create a new one to try again.
   * That goes for one whose `signal` aborts on the way, too: it rejects with the reason. Aborted beforehand, nothing is begun.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_COUNTER`, `HOTSPARE_HEARTBEAT_LISTEN`, `HOTSPARE_HEARTBEAT_STOPPED`
   */
  start(options: CallOptions = {}): Promise<void> {
    if (this.#stopping) {
      const message = 'heartbeat: start after stop: create a new one, its session must be new'
      return Promise.reject(new HotspareError({ code: 'HOTSPARE_HEARTBEAT_STOPPED', message }))
    }
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    return (this.#starting ??= this.#start(options))
  }

  /**
   * Says goodbye, so that the peers know at once, and closes everything. There is no start after it. Never rejects: when its time is
   * over, or `signal` aborts, it no longer waits; the goodbyes that are left are then said at once, and closing goes on by itself.
   */
  stop(options: CallOptions = {}): Promise<void> {
    return (this.#stopping ??= this.#stop(options))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  subscribe(listener: Listener<HeartbeatEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER` for a name that is no peer's */
  verdict(peer: string): Verdict<HealthState> {
    return this.#link(peer).verdict
  }

  snapshot(): HeartbeatSnapshot {
    return this.#pulse.snapshot(this.#running)
  }

  /**
   * Tells that a peer's process has ended, as its connection showed: it is down at once. Beats that this process sent later
   * contradict that and bring it back after `rise` of them; one beat of a new process brings it back as restarted.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER`
   */
  processGone(peer: string, { session, because }: ProcessGone): void {
    const link = this.#link(peer)
    if (this.#running) this.#pulse.decide(link, { type: 'process-gone', session, because: clipDetail(because) })
  }

  /**
   * Replaces the secrets while beats go on: the first signs from the next beat on, all are accepted.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`; the secrets then stay as they are
   */
  replaceSecrets(secrets: readonly ClusterSecret[]): void {
    this.#pulse.keys = createKeyRing(parseOptions('heartbeat: secrets', clusterSecrets, secrets))
  }

  async #start({ signal }: CallOptions): Promise<void> {
    try {
      await withDeadline('heartbeat: start', heartbeatDefaults.startTimeoutMs, (own) => this.#open(own), { signal, clock: this.#clock })
    } catch (error) {
      // A heartbeat that could not start holds nothing; what is half open is closed.
      await this.stop()
      throw error
    }
    if (this.#stopping) throw new HotspareError({ code: 'HOTSPARE_HEARTBEAT_STOPPED', message: 'heartbeat: stopped while it was starting' })
    this.#running = true
    this.#pulse.begin()
  }

  async #open(signal: AbortSignal): Promise<void> {
    await this.#counter.open({ signal, above: this.#counterFloor })
    if (signal.aborted || this.#stopping) return
    await this.#transport.open(this.#pulse, { signal })
  }

  async #stop({ signal }: CallOptions): Promise<void> {
    const wasRunning = this.#running
    this.#running = false
    this.#pulse.halt()
    // Begun in any case: whoever gives up waiting still wants it closed.
    const closing = this.#close(wasRunning, signal)
    closing.catch(() => {})
    try {
      await withDeadline('heartbeat: stop', heartbeatDefaults.stopTimeoutMs, () => closing, { signal, clock: this.#clock })
    } catch (error) {
      this.#logger.warn({ error: errorText(error) }, 'the heartbeat did not close in time')
    }
    const wallMs = this.#clock.wallMs()
    for (const link of this.#pulse.links) link.close('the heartbeat was stopped', wallMs)
  }

  async #close(wasRunning: boolean, signal: AbortSignal | undefined): Promise<void> {
    if (wasRunning) await this.#sayGoodbye(signal)
    await this.#transport.close()
    await this.#counter.close()
  }

  async #sayGoodbye(signal: AbortSignal | undefined): Promise<void> {
    for (let said = 0; said < heartbeatDefaults.goodbyes; said++) {
      // An abort ends the wait, not the goodbyes.
      if (said > 0) await sleep(heartbeatDefaults.goodbyeSpacingMs, { signal, clock: this.#clock }).catch(() => {})
      this.#pulse.sayGoodbye()
    }
  }

  #emit(event: HeartbeatEvent): void {
    this.#logger.debug({ event }, 'a heartbeat event')
    this.#emitter.emit(event)
  }

  #link(peer: string): PeerLink {
    const link = this.#pulse.links.find(({ name }) => name === peer)
    if (link) return link
    throw new HotspareError({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER', message: `heartbeat: "${peer}" is none of its peers` })
  }
}

/**
 * Builds a heartbeat; it does nothing until `start()`.
 *
 * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`
 */
export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  return new Heartbeat(options)
}
