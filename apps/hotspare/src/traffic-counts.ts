import type { AttemptFinishedEvent, RequestFinishedEvent, RequestRetriedEvent } from '@hotspare/proxy'
import { SecondsHistogram } from './traffic-histogram.ts'

/** What is counted of the requests that one proxy has sent to one pool. */
export interface RequestCounts {
  readonly proxy: string
  readonly pool: string
  /** By outcome, then by class of status. */
  readonly ended: Map<string, Map<string, number>>
  /** By reason, those that did not end with the whole answer of a target. */
  readonly failed: Map<NonNullable<RequestFinishedEvent['reason']>, number>
  readonly duration: SecondsHistogram
  readonly firstByte: SecondsHistogram
  receivedBytes: number
  sentBytes: number
}

/** What is counted of the attempts at one target. */
export interface TargetCounts {
  readonly target: string
  readonly pool: string
  /** By how they ended. */
  readonly attempts: Map<string, number>
  /** By reason. */
  readonly retries: Map<string, number>
  readonly duration: SecondsHistogram
  readonly firstByte: SecondsHistogram
}

/** The label of requests for which no target was found. */
const NO_POOL = 'none'

/**
 * Counts every request and attempt, by names of the file and short lists of words. Numbers in a few maps: a request passes here
 * thousands of times a second, and somebody looks at the sum every few seconds.
 */
export class TrafficCounts {
  readonly #poolOf: (targetId: string) => string | undefined
  readonly #requests = new Map<string, Map<string, RequestCounts>>()
  readonly #targets = new Map<string, TargetCounts>()

  /** @param poolOf the pool to which a target belongs */
  constructor(poolOf: (targetId: string) => string | undefined) {
    this.#poolOf = poolOf
  }

  requestFinished(proxy: string, event: RequestFinishedEvent): void {
    const { outcome, status, targetId, durationMs, firstByteMs, reason } = event
    const counts = this.#requestsOf(proxy, targetId === undefined ? NO_POOL : this.#targetOf(targetId).pool)
    addOne(inner(counts.ended, outcome), classOf(status))
    if (reason !== undefined && outcome !== 'answered-here') addOne(counts.failed, reason)
    counts.duration.record(durationMs / 1_000)
    if (firstByteMs !== undefined) counts.firstByte.record(firstByteMs / 1_000)
    counts.receivedBytes += event.receivedBytes
    counts.sentBytes += event.sentBytes
  }

  attemptFinished({ targetId, failure, durationMs, firstByteMs }: AttemptFinishedEvent): void {
    const counts = this.#targetOf(targetId)
    addOne(counts.attempts, failure?.reason ?? 'answered')
    counts.duration.record(durationMs / 1_000)
    if (firstByteMs !== undefined) counts.firstByte.record(firstByteMs / 1_000)
  }

  requestRetried({ targetId, failure }: Pick<RequestRetriedEvent, 'targetId' | 'failure'>): void {
    addOne(this.#targetOf(targetId).retries, failure.reason)
  }

  requests(): RequestCounts[] {
    return [...this.#requests.values()].flatMap((pools) => [...pools.values()])
  }

  targets(): TargetCounts[] {
    return [...this.#targets.values()]
  }

  #requestsOf(proxy: string, pool: string): RequestCounts {
    const pools = inner(this.#requests, proxy)
    const known = pools.get(pool)
    if (known) return known
    const histograms = { duration: new SecondsHistogram(), firstByte: new SecondsHistogram() }
    const fresh: RequestCounts = { proxy, pool, ended: new Map(), failed: new Map(), ...histograms, receivedBytes: 0, sentBytes: 0 }
    pools.set(pool, fresh)
    return fresh
  }

  #targetOf(target: string): TargetCounts {
    const known = this.#targets.get(target)
    if (known) return known
    const histograms = { duration: new SecondsHistogram(), firstByte: new SecondsHistogram() }
    const fresh: TargetCounts = { target, pool: this.#poolOf(target) ?? NO_POOL, attempts: new Map(), retries: new Map(), ...histograms }
    this.#targets.set(target, fresh)
    return fresh
  }
}

const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

function classOf(status: number): string {
  return CLASSES[Math.floor(status / 100)] ?? 'none'
}

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function inner<Value>(outer: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = outer.get(key)
  if (known) return known
  const fresh = new Map<string, Value>()
  outer.set(key, fresh)
  return fresh
}
