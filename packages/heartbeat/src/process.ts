import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import {
  backoffMs,
  type Clock,
  Emitter,
  type EventBase,
  type EventSource,
  type HealthState,
  HotspareError,
  type Listener,
  type Logger,
  silentLogger,
  systemClock,
  type Timer,
  type Verdict,
  withDeadline,
} from '@hotspare/core'
import { processDefaults } from './defaults.ts'
import type { HeartbeatEvent } from './events.ts'
import type { ProcessGone } from './heartbeat.ts'
import { heartbeatSettingsSchema, type HeartbeatSettings } from './options.ts'
import { parseOptions } from './parse-options.ts'
import type { Order, Report } from './process/messages.ts'
import { clusterSecrets, type ClusterSecret } from './schema-parts.ts'
import type { HeartbeatSnapshot } from './snapshot.ts'

export interface HeartbeatProcessOptions extends HeartbeatSettings {
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Default: silent. */
  readonly logger?: Logger | undefined
}

/** The events of the heartbeat, and one of the process that it runs in. */
export type HeartbeatProcessEvent =
  | HeartbeatEvent
  /** The heartbeat's process has ended by itself or by somebody's hand, and is started again. */
  | (EventBase & { readonly type: 'heartbeat-process-ended'; readonly because: string })

/** A heartbeat in a process of its own: what keeps this one busy delays no beat. */
export interface HeartbeatProcess extends EventSource<HeartbeatProcessEvent>, AsyncDisposable {
  /** Names this node's life to the peers; stays the same when the heartbeat's process has to be started again. */
  readonly session: string
  /** The process that sends the beats, while it runs. */
  readonly pid: number | undefined
  /**
   * Starts the process, and resolves when it sends beats.
   *
   * @throws HotspareError as the heartbeat's `start`, and `HOTSPARE_HEARTBEAT_PROCESS` when it does not come up in time
   */
  start(): Promise<void>
  /** Says goodbye to the peers and ends the process. Idempotent; there is no start after it. */
  stop(): Promise<void>
  /** @throws HotspareError `HOTSPARE_HEARTBEAT_UNKNOWN_PEER` for a name that is no peer's */
  verdict(peer: string): Verdict<HealthState>
  /** What the heartbeat last told, at most a second old; undefined before the start. */
  snapshot(): HeartbeatSnapshot | undefined
  /** See `Heartbeat.processGone`. */
  processGone(peer: string, gone: ProcessGone): void
  /** See `Heartbeat.replaceSecrets`. */
  replaceSecrets(secrets: readonly ClusterSecret[]): void
}

/**
 * Builds a heartbeat that runs in a child process, with its priority raised where that is permitted. The child ends with
 * this process, however that ends, and says goodbye for it. It stands for this process being there, not for its being well:
 * a process that hangs is still beaten for.
 *
 * @throws HotspareError `HOTSPARE_HEARTBEAT_OPTIONS`
 */
export function createHeartbeatProcess(options: HeartbeatProcessOptions): HeartbeatProcess {
  return new ProcessRunner(options)
}

class ProcessRunner implements HeartbeatProcess {
  readonly session: string = randomBytes(8).toString('hex')
  readonly #clock: Clock
  readonly #emitter: Emitter<HeartbeatProcessEvent>
  readonly #peers: ReadonlySet<string>
  #settings: HeartbeatSettings
  #child: ChildProcess | undefined
  #snapshot: HeartbeatSnapshot | undefined
  #gone: Verdict<HealthState>
  #ends = 0
  #restart: Timer | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor({ clock = systemClock, logger = silentLogger, ...settings }: HeartbeatProcessOptions) {
    // The child parses them again; here a mistake is still the caller's.
    const { peers } = parseOptions('heartbeat', heartbeatSettingsSchema, settings)
    this.#settings = settings
    this.#peers = new Set(peers.map(({ name }) => name))
    this.#clock = clock
    this.#emitter = new Emitter({ logger })
    this.#gone = { state: 'unknown', since: clock.wallMs(), because: 'the heartbeat was not started' }
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): Promise<void> {
    if (this.#stopping)
      return Promise.reject(processError({ code: 'HOTSPARE_HEARTBEAT_STOPPED', message: 'it was stopped: create a new one' }))
    return (this.#starting ??= this.#start())
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  subscribe(listener: Listener<HeartbeatProcessEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  verdict(peer: string): Verdict<HealthState> {
    this.#refuseStranger(peer)
    return this.#snapshot?.peers.find(({ name }) => name === peer)?.verdict ?? this.#gone
  }

  snapshot(): HeartbeatSnapshot | undefined {
    return this.#snapshot
  }

  processGone(peer: string, gone: ProcessGone): void {
    this.#refuseStranger(peer)
    this.#order({ type: 'process-gone', peer, gone })
  }

  replaceSecrets(secrets: readonly ClusterSecret[]): void {
    this.#settings = { ...this.#settings, secrets: parseOptions('heartbeat: secrets', clusterSecrets, secrets) }
    this.#order({ type: 'replace-secrets', secrets })
  }

  async #start(): Promise<void> {
    try {
      await withDeadline('heartbeat: start of its process', processDefaults.startTimeoutMs, () => this.#fork(), { clock: this.#clock })
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Resolves when the child sends beats, rejects when it says that it cannot, or ends. */
  #fork(): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = fork(childProgram(), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' })
      this.#child = child
      child.on('message', (report: Report) => {
        if (report.type === 'started') resolve()
        if (report.type !== 'failed') return this.#hear(report)
        reject(new HotspareError(report))
        // One that cannot beat is of no use; its end is heard of like any other.
        child.kill('SIGKILL')
      })
      const ended = (because: string) => {
        reject(processError({ code: 'HOTSPARE_HEARTBEAT_PROCESS', message: `its process ended before it sent a beat: ${because}` }))
        this.#childEnded(child, because)
      }
      child.once('error', (error) => ended(error.message))
      child.once('exit', (code, signal) => ended(signal ? `killed by ${signal}` : `exit code ${code}`))
      this.#order({ type: 'start', settings: this.#settings, session: this.session, snapshotMs: processDefaults.snapshotMs })
    })
  }

  #hear(report: Exclude<Report, { readonly type: 'failed' }>): void {
    this.#snapshot = report.snapshot
    // It has lived for a while.
    if (report.type === 'snapshot') this.#ends = 0
    if (report.type === 'event') this.#emitter.emit(report.event)
  }

  #childEnded(child: ChildProcess, because: string): void {
    if (this.#child !== child) return
    this.#child = undefined
    this.#snapshot = undefined
    const at = this.#clock.wallMs()
    this.#gone = { state: 'unknown', since: at, because: `the process of the heartbeat has ended: ${because}` }
    if (this.#stopping) return
    this.#emitter.emit({ type: 'heartbeat-process-ended', at, because })
    this.#ends += 1
    const delayMs =
      this.#ends === 1 ? 0 : backoffMs(this.#ends, { baseMs: processDefaults.restartBaseMs, capMs: processDefaults.restartCapMs })
    this.#restart = this.#clock.schedule(delayMs, () => void this.#fork().catch(() => {}))
  }

  async #stop(): Promise<void> {
    this.#restart?.cancel()
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#order({ type: 'stop' })
    // A child that does not answer is ended: the peers then go by its silence.
    const timer = this.#clock.schedule(processDefaults.stopTimeoutMs, () => child.kill('SIGKILL'))
    await ended
    timer.cancel()
  }

  #order(order: Order): void {
    // Whether it arrives shows in what the child reports; its end is heard of anyway.
    if (this.#child?.connected) this.#child.send(order, () => {})
  }

  #refuseStranger(peer: string): void {
    if (!this.#peers.has(peer)) throw processError({ code: 'HOTSPARE_HEARTBEAT_UNKNOWN_PEER', message: `"${peer}" is none of its peers` })
  }
}

function childProgram(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'process-child.ts' : 'process-child.js', import.meta.url))
}

function processError({ code, message }: Pick<HotspareError, 'code' | 'message'>): HotspareError {
  return new HotspareError({ code, message: `heartbeat: ${message}` })
}
