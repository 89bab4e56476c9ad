import { type ChildProcess, fork } from 'node:child_process'
import type { Server } from 'node:net'
import {
  beginSilenceWatch,
  type Clock,
  errorText,
  HotspareError,
  type Logger,
  lookForSilence,
  type SilenceWatch,
  type Timer,
} from '@hotspare/core'
import { processDefaults } from './defaults.ts'
import { childExecArgv, markOf, type Role } from './launch.ts'
import { type ChildNews, hasType, type ProcessUsage } from './messages.ts'

export interface ChildLifeParts<News> {
  readonly role: Role
  /** The file to run. */
  readonly program: string
  readonly clock: Clock
  readonly logger: Logger
  /** Whether it is a message of that child: by its type alone, as our own program sends it. */
  readonly isNews: (message: unknown) => message is News
  /** Called with all that it tells, but for what it tells of itself. */
  readonly hear: (news: News) => void
  /** Called with each sign of life. */
  readonly alive: () => void
  /** Called once, when nothing of it is left. `failure`: what it said was wrong, if it said so. */
  readonly closed: (because: string, failure: HotspareError | undefined) => void
}

/** One life of a child, from its fork to its end. */
export class ChildLife<News> {
  /** Resolves when it is at work; rejects when it ends before. */
  readonly started: Promise<void>
  readonly forkedMs: number
  readonly #parts: ChildLifeParts<News>
  readonly #child: ChildProcess
  readonly #closed: Promise<void>
  #watch: SilenceWatch
  #timer: Timer | undefined
  #usage: ProcessUsage | undefined
  #isStarted = false
  #unread = 0
  #failure: HotspareError | undefined
  /** Why it was killed, if it was us. */
  #killedBecause: string | undefined
  #over = false
  #resolveStarted: () => void = () => {}
  #rejectStarted: (error: Error) => void = () => {}
  #resolveClosed: () => void = () => {}

  /** @throws what `fork` throws: no memory, no permission */
  constructor(parts: ChildLifeParts<News>) {
    this.#parts = parts
    this.forkedMs = parts.clock.monotonicMs()
    this.#watch = beginSilenceWatch(this.forkedMs)
    this.started = new Promise((resolve, reject) => {
      this.#resolveStarted = resolve
      this.#rejectStarted = reject
    })
    // Nobody waits for a start that follows an end: `closed` tells of it.
    this.started.catch(() => {})
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#child = fork(parts.program, [markOf(parts.role)], {
      execArgv: childExecArgv(process.execArgv),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#child.on('message', (news) => this.#received(news))
    this.#child.on('error', (error) => {
      if (this.#child.pid === undefined) return this.#close(errorText(error))
      parts.logger.warn({ error: errorText(error) }, `the process ${parts.role} reports an error`)
    })
    // Not `exit`: what it told before its end may still be on the way then.
    this.#child.once('close', (code, signal) => this.#close(signal ? `killed by ${signal}` : `exit code ${code}`))
    this.#arm()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get usage(): ProcessUsage | undefined {
    return this.#usage
  }

  /** @param socket a bound handle that goes with it */
  send(order: object, socket?: Server): void {
    if (!this.#child.connected) return
    if (this.#unread >= processDefaults.mostUnread) return
    this.#unread += 1
    const sent = () => void (this.#unread -= 1)
    if (socket) this.#child.send(order, socket, sent)
    else this.#child.send(order, sent)
  }

  /** Sends a last order and resolves when it has ended; kills it after `graceMs`. */
  async end(order: object, graceMs: number): Promise<void> {
    this.send(order)
    const timer = this.#parts.clock.schedule(graceMs, () => this.kill(`it did not end within ${graceMs} ms`))
    await this.#closed
    timer.cancel()
  }

  kill(because: string): void {
    this.#killedBecause ??= because
    this.#child.kill('SIGKILL')
  }

  #received(news: unknown): void {
    this.#watch = beginSilenceWatch(this.#parts.clock.monotonicMs())
    if (isChildNews(news)) this.#hearOfItself(news)
    else if (this.#parts.isNews(news)) this.#parts.hear(news)
  }

  #hearOfItself(news: ChildNews): void {
    switch (news.type) {
      case 'started':
        this.#isStarted = true
        return this.#resolveStarted()
      case 'failed':
        this.#failure = new HotspareError({ code: news.code, message: news.message })
        return
      case 'alive':
        this.#usage = news.usage
        return this.#parts.alive()
    }
  }

  #arm(): void {
    const { clock } = this.#parts
    this.#timer = clock.schedule(processDefaults.aliveMs, () => {
      this.#arm()
      this.#watch = lookForSilence(this.#watch, clock.monotonicMs(), processDefaults.aliveMs)
      const limitMs = this.#isStarted ? processDefaults.hungMs : processDefaults.startTimeoutMs
      if (this.#watch.silentMs >= limitMs) this.kill(`it stood still for ${limitMs} ms and was killed`)
    })
  }

  #close(ending: string): void {
    if (this.#over) return
    this.#over = true
    this.#timer?.cancel()
    const because = this.#killedBecause ?? this.#failure?.message ?? ending
    const message = `${this.#parts.role}: the process ended before it was at work: ${because}`
    this.#rejectStarted(this.#failure ?? new HotspareError({ code: 'HOTSPARE_APP_PROCESS', message }))
    this.#resolveClosed()
    this.#parts.closed(because, this.#failure)
  }
}

const CHILD_NEWS: ReadonlySet<string> = new Set<ChildNews['type']>(['started', 'failed', 'alive'])

function isChildNews(news: unknown): news is ChildNews {
  return hasType(news) && CHILD_NEWS.has(news.type)
}
