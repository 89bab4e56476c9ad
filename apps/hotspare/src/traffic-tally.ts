import type { Clock, EventBase, Timer } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'
import type { AttemptFailure, ProxyEvent } from '@hotspare/proxy'
import type { TcpProxyEvent } from '@hotspare/proxy/tcp'
import type { CertificateEvent } from './certificate-events.ts'

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
export type TrafficEvent = RequestsRetriedEvent | RequestsFailedEvent | OutlierEvent | CertificateEvent

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
    if (event.type === 'request-retried') this.#addRetried(event)
    else if (event.type === 'request-finished' && (event.outcome === 'cut' || (event.outcome === 'refused' && event.status >= 500)))
      this.#addFailed(proxy, event.because)
  }

  /** To people, a connection that got no target or lost it is a request that failed. */
  addTcp(proxy: string, event: TcpProxyEvent): void {
    if (event.type === 'connection-retried') this.#addRetried(event)
    else if (event.type === 'connection-finished' && isFailed(event)) this.#addFailed(proxy, event.because)
  }

  #addRetried({ targetId, failure }: { readonly targetId: string; readonly failure: AttemptFailure }): void {
    const tally = this.#retried.get(targetId) ?? { count: 0, reasons: new Set() }
    tally.count += 1
    tally.reasons.add(failure.reason)
    this.#retried.set(targetId, tally)
    this.#flushSoon()
  }

  #addFailed(proxy: string, because = ''): void {
    const tally = this.#failed.get(proxy) ?? { count: 0, because }
    tally.count += 1
    this.#failed.set(proxy, tally)
    this.#flushSoon()
  }

  #flushSoon(): void {
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

/** By a target or the proxy; what a client ends is its own matter. */
function isFailed({ outcome, endedBy }: Extract<TcpProxyEvent, { type: 'connection-finished' }>): boolean {
  return endedBy !== 'client' && (outcome === 'refused' || outcome === 'cut' || outcome === 'reset')
}
