import { type ChildProcess, fork } from 'node:child_process'
import {
  beginSilenceWatch,
  type Clock,
  errorText,
  HotspareError,
  type Logger,
  lookForSilence,
  type SilenceWatch,
  type Timer,
  withDeadline,
} from '@hotspare/core'
import { processDefaults } from '../defaults.ts'
import { CHILD_MARK, childExecArgv, childNodeOptions } from './launch.ts'
import type { FailedReport, Order, Report } from './messages.ts'

/** What a life is given. */
export interface ChildLifeParts {
  /** The file to run. */
  readonly program: string
  readonly start: Extract<Order, { readonly type: 'start' }>
  readonly clock: Clock
  readonly logger: Logger
  /** Called with all that it reports, but for failures. */
  readonly hear: (report: Exclude<Report, FailedReport>) => void
  /** Called once, when it beats no longer or cannot be trusted to. It is killed then. */
  readonly lost: (because: string) => void
  /** Called once, after `lost`: nothing of it is left, another one can follow. */
  readonly closed: () => void
}

/** One life of the process that beats, from its fork to its end. */
export class ChildLife {
  /** Resolves when it sends beats; rejects when it cannot. */
  readonly started: Promise<void>
  readonly forkedMs: number
  readonly #parts: ChildLifeParts
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  #watch: SilenceWatch
  #timer: Timer | undefined
  #sendsBeats = false
  #lost = false
  #over = false
  #resolveStarted: () => void = () => {}
  #rejectStarted: (error: Error) => void = () => {}
  #resolveClosed: () => void = () => {}

  /** @throws what `fork` throws: no memory, no permission */
  constructor(parts: ChildLifeParts) {
    this.#parts = parts
    this.forkedMs = parts.clock.monotonicMs()
    this.#watch = beginSilenceWatch(this.forkedMs)
    this.started = new Promise((resolve, reject) => {
      this.#resolveStarted = resolve
      this.#rejectStarted = reject
    })
    // Nobody waits for a start that follows an end: `lost` tells of it.
    this.started.catch(() => {})
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#child = fork(parts.program, [CHILD_MARK], {
      execArgv: [...childExecArgv(process.execArgv)],
      env: { ...process.env, NODE_OPTIONS: childNodeOptions(process.env['NODE_OPTIONS']) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#listen()
    this.order(parts.start)
    this.#arm()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  order(order: Order): void {
    // Whether it arrives shows in what is reported; an end is heard of anyway.
    if (this.#child.connected) this.#child.send(order, () => {})
  }

  /**
   * Resolves when the process has ended. One that does not answer, or for which `signal` does not want to wait, is killed.
   *
   * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` when the system cannot end it either
   */
  async end({ signal }: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    const { clock } = this.#parts
    const { stopTimeoutMs } = processDefaults
    const kill = () => void this.#child.kill('SIGKILL')
    this.order({ type: 'stop' })
    const timer = clock.schedule(stopTimeoutMs, kill)
    signal?.addEventListener('abort', kill, { once: true })
    if (signal?.aborted) kill()
    try {
      await withDeadline('heartbeat: end of its process', 2 * stopTimeoutMs, () => this.#closed, { clock })
    } finally {
      timer.cancel()
      signal?.removeEventListener('abort', kill)
    }
  }

  #listen(): void {
    const { logger } = this.#parts
    this.#child.on('message', (report: Report) => this.#hear(report))
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) return this.#close(errorText(error))
      logger.warn({ error: errorText(error) }, 'the process of the heartbeat reports an error')
    })
    // Not `exit`: what it told before its end may still be on the way then.
    this.#child.once('close', (code, signal) => this.#close(signal ? `killed by ${signal}` : `exit code ${code}`))
  }

  #hear(report: Report): void {
    if (this.#lost) return
    this.#watch = beginSilenceWatch(this.#parts.clock.monotonicMs())
    if (report.type === 'failed') return this.#hearFailure(report)
    this.#parts.hear(report)
    if (report.type !== 'started') return
    this.#sendsBeats = true
    this.#resolveStarted()
  }

  #hearFailure(report: FailedReport): void {
    // An order that cannot be followed is no reason to end the beats.
    if (this.#sendsBeats) return this.#parts.logger.warn({ error: report.message }, 'the process of the heartbeat refuses an order')
    this.#lose(report.message, new HotspareError(report))
  }

  #arm(): void {
    const { clock } = this.#parts
    this.#timer = clock.schedule(processDefaults.watchMs, () => {
      this.#arm()
      this.#look()
    })
  }

  #look(): void {
    this.#watch = lookForSilence(this.#watch, this.#parts.clock.monotonicMs(), processDefaults.watchMs)
    const limitMs = this.#sendsBeats ? processDefaults.hungMs : processDefaults.startTimeoutMs
    if (this.#watch.silentMs < limitMs) return
    this.#lose(this.#sendsBeats ? `it stood still for ${limitMs} ms` : `it did not start within ${limitMs} ms`)
  }

  #lose(because: string, error?: HotspareError): void {
    if (this.#lost) return
    this.#lost = true
    this.#timer?.cancel()
    const message = `heartbeat: its process ended before it sent a beat: ${because}`
    this.#rejectStarted(error ?? new HotspareError({ code: 'HOTSPARE_HEARTBEAT_PROCESS', message }))
    this.#parts.lost(because)
    this.#child.kill('SIGKILL')
  }

  #close(because: string): void {
    if (this.#over) return
    this.#over = true
    this.#lose(because)
    this.#resolveClosed()
    this.#parts.closed()
  }
}
