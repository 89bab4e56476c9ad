import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  abortReason,
  backoffMs,
  type Clock,
  Emitter,
  errorText,
  type EventBase,
  type EventSource,
  type HealthState,
  HotspareError,
  type Listener,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
  type Timer,
  type Verdict,
} from '@hotspare/core'
import { z } from 'zod'
import { processDefaults } from './defaults.ts'
import type { HeartbeatEvent } from './events.ts'
import type { ProcessGone } from './heartbeat.ts'
import { heartbeatSettingsSchema, type HeartbeatSettings } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { ChildLife } from './process/child-life.ts'
import { isHeartbeatChild } from './process/launch.ts'
import type { FailedReport, News, Report } from './process/messages.ts'
import { clusterSecrets, type ClusterSecret, session as sessionSchema } from './schema-parts.ts'
import type { HeartbeatSnapshot } from './snapshot.ts'

export interface HeartbeatProcessOptions extends HeartbeatSettings {
  /** Of this process; the other one runs by the system's. Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Spreads restarts. Default: the machine's own generator. */
  readonly random?: Random | undefined
  /**
   * Gets the warnings of the heartbeat in its process, orders that were refused there, and listeners that threw; events
   * only go to listeners. Default: silent.
   */
  readonly logger?: Logger | undefined
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** The events of the heartbeat, and those of the process that it runs in. */
export type HeartbeatProcessEvent =
  | HeartbeatEvent
  /**
   * The heartbeat's process has ended, or stood still and was ended. It is started again, under the same session; until it
   * reports, every verdict is `unknown`.
   */
  | (EventBase & { readonly type: 'heartbeat-process-ended'; readonly because: string })
  /** This process did not read for so long that `count` older events were dropped; verdicts are right. */
  | (EventBase & { readonly type: 'heartbeat-events-lost'; readonly count: number })

/** A heartbeat in a process of its own: what keeps this one busy delays no beat. */
export interface HeartbeatProcess extends EventSource<HeartbeatProcessEvent>, AsyncDisposable {
  /** Names this node's life to the peers; stays the same when the heartbeat's process has to be started again. */
  readonly session: string
  /** The process that sends the beats, while there is one. */
  readonly pid: number | undefined
  /**
   * Starts the process, and resolves when it sends beats. One that failed, or was aborted, is stopped: create a new one to
   * try again.
   *
   * @throws HotspareError as the heartbeat's `start`, and `HOTSPARE_HEARTBEAT_PROCESS` when the process ends or does not
   *   come up in time
   */
  start(options?: CallOptions): Promise<void>
  /**
   * Says goodbye to the peers and ends the process; an abort ends it without waiting for the goodbye. Idempotent; there is
   * no start after it.
   *
   * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` when the system cannot end the process
   */
  stop(options?: CallOptions): Promise<void>
  /**
   * What the heartbeat told last; `unknown`, with the reason, before the start, after the stop, and whenever its process has
   * ended until the next one reports.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER` for a name that is no peer's
   */
  verdict(peer: string): Verdict<HealthState>
  /**
   * What the heartbeat told last: at most some three seconds old while this process runs. Undefined when `verdict` is
   * `unknown` for every peer: before the start, after the stop, and whenever its process has ended until the next one reports.
   */
  snapshot(): HeartbeatSnapshot | undefined
  /**
   * See `Heartbeat.processGone`. Without effect while the process is started again: its verdicts are `unknown` then anyway.
   *
   * @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER`, `HOTSPARE_HEARTBEAT_OPTIONS`
   */
  processGone(peer: string, gone: ProcessGone): void
  /** See `Heartbeat.replaceSecrets`; a process that follows has the new ones too. */
  replaceSecrets(secrets: readonly ClusterSecret[]): void
}

/** Other fields are ignored and not handed on: the event of a peer channel fits as it is. */
const processGone: z.ZodType<ProcessGone, ProcessGone> = z.object({ session: sessionSchema.optional(), because: z.string() })

/**
 * Builds a heartbeat that runs in a child process, with its priority raised where that is permitted. The child ends with
 * this process, however that ends, and says goodbye for it. It stands for this process being there, not for its being well:
 * a process that hangs is still beaten for. A child that ends, or stands still, is replaced.
 *
 * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`, and `HOTSPARE_HEARTBEAT_PROCESS` in the process of a heartbeat
 */
export function createHeartbeatProcess(options: HeartbeatProcessOptions): HeartbeatProcess {
  return new ProcessRunner(options)
}

class ProcessRunner implements HeartbeatProcess {
  readonly session: string = randomBytes(8).toString('hex')
  readonly #clock: Clock
  readonly #random: Random
  readonly #logger: Logger
  readonly #emitter: Emitter<HeartbeatProcessEvent>
  readonly #peers: ReadonlySet<string>
  #settings: HeartbeatSettings
  #life: ChildLife | undefined
  #snapshot: HeartbeatSnapshot | undefined
  /** The verdict while there is no snapshot. */
  #unknown: Verdict<HealthState>
  #counterFloor = 0
  #hasStarted = false
  #shortLives = 0
  #restart: Timer | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor({ clock = systemClock, random = systemRandom, logger = silentLogger, ...settings }: HeartbeatProcessOptions) {
    if (isHeartbeatChild(process.argv)) throw processError('HOTSPARE_HEARTBEAT_PROCESS', NO_NESTING)
    // The child parses them again; here a mistake is still the caller's.
    const { peers } = parseOptions('heartbeat', heartbeatSettingsSchema, settings)
    this.#settings = settings
    this.#peers = new Set(peers.map(({ name }) => name))
    this.#clock = clock
    this.#random = random
    this.#logger = logger
    this.#emitter = new Emitter({ logger })
    this.#unknown = { state: 'unknown', since: clock.wallMs(), because: 'the heartbeat was not started' }
  }

  get pid(): number | undefined {
    return this.#life?.pid
  }

  start(options: CallOptions = {}): Promise<void> {
    if (this.#stopping) return Promise.reject(processError('HOTSPARE_HEARTBEAT_STOPPED', 'it was stopped: create a new one'))
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    return (this.#starting ??= this.#start(options))
  }

  stop(options: CallOptions = {}): Promise<void> {
    return (this.#stopping ??= this.#stop(options))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  subscribe(listener: Listener<HeartbeatProcessEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  verdict(peer: string): Verdict<HealthState> {
    this.#refuseStranger(peer)
    return this.#snapshot?.peers.find(({ name }) => name === peer)?.verdict ?? this.#unknown
  }

  snapshot(): HeartbeatSnapshot | undefined {
    return this.#snapshot
  }

  processGone(peer: string, gone: ProcessGone): void {
    this.#refuseStranger(peer)
    this.#life?.order({ type: 'process-gone', peer, gone: parseOptions('heartbeat: processGone', processGone, gone) })
  }

  replaceSecrets(secrets: readonly ClusterSecret[]): void {
    const parsed = parseOptions('heartbeat: secrets', clusterSecrets, secrets)
    this.#settings = { ...this.#settings, secrets: parsed }
    this.#life?.order({ type: 'replace-secrets', secrets: parsed })
  }

  async #start({ signal }: CallOptions): Promise<void> {
    const abort = () => void this.stop({ signal }).catch(() => {})
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await this.#launch()
    } catch (error) {
      const stopped = this.#stopping !== undefined
      await this.stop()
      if (signal?.aborted) throw abortReason(signal)
      throw stopped ? processError('HOTSPARE_HEARTBEAT_STOPPED', 'it was stopped while it was starting') : error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Resolves when the process sends beats. */
  async #launch(): Promise<void> {
    const { session } = this
    const { snapshotMs } = processDefaults
    try {
      const life = new ChildLife({
        program: childProgram(),
        start: { type: 'start', settings: this.#settings, session, counterFloor: this.#counterFloor, snapshotMs },
        clock: this.#clock,
        logger: this.#logger,
        hear: (report) => this.#hear(report),
        lost: (because) => this.#lost(because),
        closed: () => this.#closed(life),
      })
      this.#life = life
    } catch (error) {
      this.#lost(errorText(error))
      this.#planRestart()
      throw processError('HOTSPARE_HEARTBEAT_PROCESS', `its process could not be started: ${errorText(error)}`, error)
    }
    await this.#life.started
  }

  #hear(report: Exclude<Report, FailedReport>): void {
    this.#snapshot = report.snapshot
    if (report.type === 'started') {
      this.#hasStarted = true
      return
    }
    if (report.lost > 0) this.#emitter.emit({ type: 'heartbeat-events-lost', at: this.#clock.wallMs(), count: report.lost })
    for (const news of report.news) this.#pass(news)
  }

  #pass(news: News): void {
    if (news.type === 'event') this.#emitter.emit(news.event)
    else this.#logger.warn(news.fields, news.message)
  }

  #lost(because: string): void {
    // Before anything is told: a listener must not see a verdict that nobody stands for.
    const last = this.#snapshot?.beats.counter ?? 0
    this.#snapshot = undefined
    const at = this.#clock.wallMs()
    this.#unknown = { state: 'unknown', since: at, because: `the process of the heartbeat has ended: ${because}` }
    this.#counterFloor = Math.max(this.#counterFloor, last)
    // A start that fails is told to its caller.
    if (this.#hasStarted && !this.#stopping) this.#emitter.emit({ type: 'heartbeat-process-ended', at, because })
  }

  #closed(life: ChildLife): void {
    this.#life = undefined
    const livedMs = this.#clock.monotonicMs() - life.forkedMs
    // It may have sent beats that it did not report: less than one in a millisecond.
    this.#counterFloor += Math.ceil(livedMs)
    if (livedMs > processDefaults.longLifeMs) this.#shortLives = 0
    this.#planRestart()
  }

  #planRestart(): void {
    if (!this.#hasStarted || this.#stopping) return
    const { restartBaseMs: baseMs, restartCapMs: capMs } = processDefaults
    const delayMs = this.#shortLives === 0 ? 0 : backoffMs(this.#shortLives, { baseMs, capMs, random: this.#random })
    this.#shortLives += 1
    // Of a failure, `#lost` has told.
    this.#restart = this.#clock.schedule(delayMs, () => void this.#launch().catch(() => {}))
  }

  async #stop({ signal }: CallOptions): Promise<void> {
    this.#restart?.cancel()
    await this.#life?.end({ signal })
    this.#snapshot = undefined
    this.#unknown = { state: 'unknown', since: this.#clock.wallMs(), because: 'the heartbeat was stopped' }
  }

  #refuseStranger(peer: string): void {
    if (!this.#peers.has(peer)) throw processError('HOTSPARE_HEARTBEAT_UNKNOWN_PEER', `"${peer}" is none of its peers`)
  }
}

const NO_NESTING =
  'this is the process of a heartbeat, and starts no other: a module that NODE_OPTIONS preloads must not create a heartbeat process'

function childProgram(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'process-child.ts' : 'process-child.js', import.meta.url))
}

function processError(code: HotspareError['code'], message: string, cause?: unknown): HotspareError {
  return new HotspareError({ code, message: `heartbeat: ${message}`, cause })
}
