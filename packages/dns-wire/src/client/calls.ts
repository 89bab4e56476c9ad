import { abortReason, type Clock, errorText, HotspareError, networkFault, withDeadline } from '@hotspare/core'
import { DnsClientError, type DnsClientFault } from '../errors.ts'
import type { Run } from './way.ts'

export interface CallsOptions {
  readonly who: string
  /** For a whole call, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** One call, and how far it came. */
class TimedRun implements Run {
  signal: AbortSignal
  phase = 'waiting for the answer'
  readonly #clock: Clock
  #sentAtMs: number | undefined

  constructor(signal: AbortSignal, clock: Clock) {
    this.signal = signal
    this.#clock = clock
  }

  sent(): void {
    this.#sentAtMs ??= this.#clock.monotonicMs()
  }

  get isSent(): boolean {
    return this.#sentAtMs !== undefined
  }

  /** From the first sending until now, in milliseconds. */
  tookMs(): number {
    return this.#sentAtMs === undefined ? 0 : this.#clock.monotonicMs() - this.#sentAtMs
  }
}

/** The calls of a client: each with a deadline, with an error that says how far it came, and given up when the client is closed. */
export class Calls {
  readonly #options: CallsOptions
  readonly #underWay = new Set<AbortController>()
  #isClosed = false

  constructor(options: CallsOptions) {
    this.#options = options
  }

  /** @throws DnsClientError; the reason of `signal`; DnsValueError as `work` throws it */
  async run<T>(signal: AbortSignal | undefined, work: (run: TimedRun) => Promise<T>): Promise<T> {
    const { who, timeoutMs, clock } = this.#options
    if (this.#isClosed) throw this.error('CLOSED', 'the client was closed')
    const controller = new AbortController()
    const forward = () => controller.abort(abortReason(signal))
    signal?.addEventListener('abort', forward, { once: true })
    if (signal?.aborted) forward()
    this.#underWay.add(controller)
    const run = new TimedRun(controller.signal, clock)
    const begin = (deadline: AbortSignal) => {
      run.signal = deadline
      return work(run)
    }
    try {
      return await withDeadline(who, timeoutMs, begin, { clock, signal: controller.signal })
    } catch (error) {
      if (signal?.aborted) throw abortReason(signal)
      throw this.#described(error, run)
    } finally {
      signal?.removeEventListener('abort', forward)
      this.#underWay.delete(controller)
    }
  }

  error(
    fault: DnsClientFault,
    why: string,
    details: { readonly rcode?: string | undefined; readonly tsigError?: string | undefined; readonly cause?: unknown } = {},
  ): DnsClientError {
    const { rcode, tsigError, cause } = details
    return new DnsClientError({ who: this.#options.who, fault, why, rcode, tsigError, cause })
  }

  /** Idempotent. */
  close(): Promise<void> {
    this.#isClosed = true
    for (const controller of this.#underWay) controller.abort(this.error('CLOSED', 'the client was closed'))
    return Promise.resolve()
  }

  #described(error: unknown, { isSent, phase }: TimedRun): unknown {
    if (HotspareError.is(error) && error.code.startsWith('HOTSPARE_DNS_WIRE_')) return error
    if (HotspareError.is(error) && error.code === 'HOTSPARE_CORE_TIMEOUT') {
      return this.error(isSent ? 'NO_ANSWER' : 'UNREACHABLE', `no answer within ${this.#options.timeoutMs} ms, while ${phase}`)
    }
    // That a port is closed comes back only after a datagram was sent to it.
    const isRefused = networkFault(error) === 'refused'
    return this.error(isSent && !isRefused ? 'NO_ANSWER' : 'UNREACHABLE', `${errorText(error)}, while ${phase}`, { cause: error })
  }
}
