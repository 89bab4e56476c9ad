import type { Clock, EventBase, Timer } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'
import type { ProxyEvent } from '@hotspare/proxy'

/** Requests that failed at a target within a moment and were repeated elsewhere. */
export interface RequestsRetriedEvent extends EventBase {
  readonly type: 'requests-retried'
  readonly targetId: string
  readonly count: number
  /** Each reason once. */
  readonly reasons: readonly string[]
}

/** Requests that a client saw fail within a moment. */
export interface RequestsFailedEvent extends EventBase {
  readonly type: 'requests-failed'
  readonly proxy: string
  readonly count: number
  /** Of the first of them. */
  readonly because: string
}

/** What requests show, as people are told of it. */
export type TrafficEvent = RequestsRetriedEvent | RequestsFailedEvent | OutlierEvent

/** One line of the timeline a second says enough. */
const FLUSH_MS = 1_000

/** Folds what proxies tell thousands of times a second into lines for people. */
export class TrafficTally {
  readonly #clock: Clock
  readonly #record: (event: TrafficEvent) => void
  readonly #retried = new Map<string, { count: number; readonly reasons: Set<string> }>()
  readonly #failed = new Map<string, { count: number; readonly because: string }>()
  #timer: Timer | undefined

  constructor(options: { readonly clock: Clock; readonly record: (event: TrafficEvent) => void }) {
    this.#clock = options.clock
    this.#record = options.record
  }

  add(proxy: string, event: ProxyEvent): void {
    if (event.type === 'request-retried') {
      const tally = this.#retried.get(event.targetId) ?? { count: 0, reasons: new Set() }
      tally.count += 1
      tally.reasons.add(event.failure.reason)
      this.#retried.set(event.targetId, tally)
    } else if (event.type === 'request-finished' && (event.outcome === 'cut' || (event.outcome === 'refused' && event.status >= 500))) {
      const tally = this.#failed.get(proxy) ?? { count: 0, because: event.because ?? '' }
      tally.count += 1
      this.#failed.set(proxy, tally)
    } else return
    this.#timer ??= this.#clock.schedule(FLUSH_MS, () => this.flush(), { unref: true })
  }

  /** Records what has gathered, now. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const at = this.#clock.wallMs()
    for (const [targetId, { count, reasons }] of this.#retried)
      this.#record({ type: 'requests-retried', at, targetId, count, reasons: [...reasons] })
    for (const [proxy, { count, because }] of this.#failed) this.#record({ type: 'requests-failed', at, proxy, count, because })
    this.#retried.clear()
    this.#failed.clear()
  }
}
