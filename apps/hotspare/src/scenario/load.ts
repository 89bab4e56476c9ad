import { finished } from 'node:stream/promises'
import { type Clock, errorText, type Timer } from '@hotspare/core'
import { Agent, type Dispatcher } from 'undici'

export interface LoadOptions {
  /** `http://host:port` */
  readonly origin: string
  /** Asked for in turn, with GET. */
  readonly paths: readonly string[]
  readonly ratePerSecond: number
  /** After which a request counts as failed, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** One request. Times are of the monotonic clock. */
export interface Sample {
  /** When it was due: a late start counts as latency, since a user would have waited. */
  readonly dueMs: number
  readonly endMs: number
  /** Undefined: answered with 2xx, and whole. */
  readonly failure: string | undefined
}

/**
 * An open-loop load: requests start when they are due, however slow the answers to earlier ones are, as users do.
 * (A closed loop asks less of a slow server and so hides the outage; Schroeder et al., NSDI 2006.)
 */
export class Load {
  readonly samples: Sample[] = []
  readonly #options: LoadOptions
  readonly #agent = new Agent({ connections: 1_000, pipelining: 1 })
  readonly #pending = new Set<Promise<void>>()
  #startMs = 0
  #sent = 0
  #failed = 0
  #timer: Timer | undefined
  #stopping: Promise<void> | undefined

  constructor(options: LoadOptions) {
    this.#options = options
  }

  get sent(): number {
    return this.#sent
  }

  get failed(): number {
    return this.#failed
  }

  start(): void {
    if (this.#timer || this.#stopping) return
    this.#startMs = this.#options.clock.monotonicMs()
    this.#tick()
  }

  /** Sends nothing new and waits for what is under way. */
  stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#stopping ??= Promise.all(this.#pending).then(() => this.#agent.close())
    return this.#stopping
  }

  #tick(): void {
    const { clock, ratePerSecond } = this.#options
    const gapMs = 1_000 / ratePerSecond
    const nowMs = clock.monotonicMs()
    // The schedule is absolute: it does not drift, and what a busy moment held up goes out at once.
    for (let dueMs = this.#startMs + this.#sent * gapMs; dueMs <= nowMs; dueMs = this.#startMs + this.#sent * gapMs) this.#send(dueMs)
    this.#timer = clock.schedule(Math.max(0, this.#startMs + this.#sent * gapMs - clock.monotonicMs()), () => this.#tick())
  }

  #send(dueMs: number): void {
    const { paths } = this.#options
    const path = paths[this.#sent % paths.length] ?? '/'
    this.#sent += 1
    const request = this.#request(path).then((failure) => {
      if (failure !== undefined) this.#failed += 1
      this.samples.push({ dueMs, endMs: this.#options.clock.monotonicMs(), failure })
      this.#pending.delete(request)
    })
    this.#pending.add(request)
  }

  /** @returns what failed, or undefined */
  async #request(path: string): Promise<string | undefined> {
    const { origin, timeoutMs } = this.#options
    try {
      const answer: Dispatcher.ResponseData = await this.#agent.request({
        origin,
        path,
        method: 'GET',
        signal: AbortSignal.timeout(timeoutMs),
      })
      // Not `dump()`: it passes over an answer that breaks off.
      await finished(answer.body.resume())
      return answer.statusCode >= 200 && answer.statusCode < 300 ? undefined : `status ${answer.statusCode}`
    } catch (error) {
      return errorText(error)
    }
  }
}
