import { type Clock, errorText, HotspareError, withDeadline } from '@hotspare/core'
import type { Outcome } from '@hotspare/core/plan'

export interface CallsOptions {
  /** Whose calls they are, for people: `vip 10.0.0.100/32`. */
  readonly who: string
  /** How long one call may take as a whole, its wait for others included. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Calls that each end within their time; those that change something run one after the other. */
export class Calls {
  readonly #options: CallsOptions
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** Runs `work` after what was queued before it, whatever became of that. */
  queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#queue.then(work, work)
    this.#queue = run.catch(() => {})
    return run
  }

  /** Until nothing is queued any more. Never rejects. */
  async idle(): Promise<void> {
    await this.#queue
  }

  /** @throws HotspareError `HOTSPARE_CORE_TIMEOUT`; the reason of `signal`; whatever `work` throws */
  within<T>(what: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { who, timeoutMs, clock } = this.#options
    return withDeadline(`${who}: ${what}`, timeoutMs, work, { signal, clock })
  }

  /** What goes wrong in the world is an outcome. @throws only the reason of `signal` */
  async settled(what: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<Outcome>): Promise<Outcome> {
    try {
      return await this.within(what, signal, work)
    } catch (error) {
      if (signal?.aborted) throw error
      return { ok: false, because: errorText(error), retryable: HotspareError.is(error) && error.retryable }
    }
  }
}
