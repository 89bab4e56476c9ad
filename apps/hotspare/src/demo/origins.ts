import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { errorText, HotspareError, systemClock, type Timer, withDeadline } from '@hotspare/core'
import { z } from 'zod'
import { endChild, spawnSelf } from './child.ts'

const START_TIMEOUT_MS = 20_000
/** An origin that somebody killed comes back after this time, so that a return can be watched too. */
export const RESTART_AFTER_MS = 5_000

export interface OriginOptions {
  readonly name: string
  readonly logFile: string
  /** Whether a killed origin comes back by itself; else it stays dead until `start` is called again. */
  readonly restarts: boolean
  /** Told of each return, and of one that failed. */
  readonly onNote?: ((text: string) => void) | undefined
}

/** A demo origin: a real process on a port that it keeps over its lives. */
export class OriginProcess {
  readonly name: string
  readonly #logFile: string
  readonly #onNote: ((text: string) => void) | undefined
  readonly #restarts: boolean
  #restart: Timer | undefined
  #child: ChildProcess | undefined
  #port = 0
  #ending = false

  constructor(options: OriginOptions) {
    this.name = options.name
    this.#logFile = options.logFile
    this.#restarts = options.restarts
    this.#onNote = options.onNote
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    const child = spawnSelf(['demo-origin', '--name', this.name, '--port', String(this.#port)], this.#logFile)
    this.#child = child
    child.once('exit', () => this.#exited())
    const ready = Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new HotspareError({ code: 'HOTSPARE_APP_DEMO', message: `demo: origin ${this.name} did not start; see ${this.#logFile}` })
      }),
    ])
    const [message] = z
      .tuple([z.object({ port: z.number() })])
      .rest(z.unknown())
      .parse(await withDeadline(`start of origin ${this.name}`, START_TIMEOUT_MS, () => ready))
    this.#port = message.port
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  /** How many requests it has served in this life, by its own count. */
  async served(): Promise<number> {
    return Number(await (await fetch(`${this.url}/served`, { signal: AbortSignal.timeout(START_TIMEOUT_MS) })).text())
  }

  async end(): Promise<void> {
    this.#ending = true
    this.#restart?.cancel()
    if (this.#child) await endChild(this.#child, 1_000)
  }

  #exited(): void {
    if (this.#ending || !this.#restarts) return
    this.#restart?.cancel()
    this.#restart = systemClock.schedule(RESTART_AFTER_MS, () => void this.#comeBack(), { unref: true })
  }

  /** Never rejects: an origin that does not come back is said to be gone and tried again. */
  async #comeBack(): Promise<void> {
    try {
      await this.start()
      this.#onNote?.(`origin ${this.name} is back as process ${this.pid}`)
    } catch (error) {
      if (!this.#ending) this.#onNote?.(`origin ${this.name} did not come back: ${errorText(error)}`)
      this.signal('SIGKILL')
      this.#exited()
    }
  }
}
