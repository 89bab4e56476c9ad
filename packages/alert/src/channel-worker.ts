import { assertNever, backoffMs, errorCode, errorText, HotspareError, sleep, withDeadline } from '@hotspare/core'
import { admit, decideDelivery, decideRest, failuresAfter, isExpired, type Pause } from './delivery-policy.ts'
import type { AlertEvent } from './events.ts'
import type { ResolvedAlerterOptions } from './options.ts'
import type { Alert, Channel, Delivery } from './types.ts'

interface QueuedAlert {
  readonly alert: Alert
  readonly queuedAtMs: number
  attempt: number
}

const STOPPED = 'the alerter was stopped'

/**
 * The queue of one channel and the loop that empties it, one alert after the other. What becomes of an alert
 * and how long the channel rests is decided in `delivery-policy.ts`; this keeps the time, calls the channel and reports.
 */
export class ChannelWorker {
  readonly channel: Channel
  readonly #options: ResolvedAlerterOptions
  readonly #emit: (event: AlertEvent) => void
  readonly #queue: QueuedAlert[] = []
  #inWork: QueuedAlert | undefined
  #state: 'new' | 'running' | 'draining' | 'stopped' = 'new'
  #idle: Promise<void> | undefined
  #failures = 0
  #lastReason = ''
  /** When, by the monotonic clock, the channel may be tried again; and the part of that wait that the receiver asked for. */
  #resumeAtMs = 0
  #notBeforeMs = 0
  #drainUntilMs = Number.POSITIVE_INFINITY
  /** Ends a pause. */
  #wake = new AbortController()
  /** Ends an attempt. */
  readonly #halt = new AbortController()

  constructor(channel: Channel, options: ResolvedAlerterOptions, emit: (event: AlertEvent) => void) {
    this.channel = channel
    this.#options = options
    this.#emit = emit
  }

  get pending(): number {
    return this.#queue.length + (this.#inWork ? 1 : 0)
  }

  push(alert: Alert): void {
    const queued: QueuedAlert = { alert, queuedAtMs: this.#options.clock.monotonicMs(), attempt: 0 }
    const { queueSize } = this.#options
    const admission = admit(this.#state === 'draining' || this.#state === 'stopped', this.#queue.length, queueSize)
    if (admission === 'refuse') return this.#drop(queued, STOPPED)
    const oldest = admission === 'take-and-drop-oldest' ? this.#queue.shift() : undefined
    this.#queue.push(queued)
    if (oldest) this.#drop(oldest, `the queue is full (${queueSize}), the oldest made room`)
    this.#run()
  }

  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'running'
    this.#run()
  }

  /** Delivers what it can until `drainMs` is over, then gives the rest up. */
  async drain(drainMs: number): Promise<void> {
    const wasNew = this.#state === 'new'
    this.#state = 'draining'
    this.#drainUntilMs = this.#options.clock.monotonicMs() + drainMs
    // A pause of our own choice ends now: this is the last chance.
    this.#resumeAtMs = this.#notBeforeMs
    this.#wakeUp()
    if (wasNew || drainMs <= 0) this.halt()
    const timer = this.#options.clock.schedule(drainMs, () => this.halt())
    await this.#idle
    timer.cancel()
    this.halt()
    this.#giveUpQueue()
  }

  /** Ends the drain at once. */
  halt(): void {
    this.#state = 'stopped'
    this.#halt.abort(new HotspareError({ code: 'HOTSPARE_ALERT_STOPPED', message: `alert: ${STOPPED}` }))
    this.#wakeUp()
  }

  #run(): void {
    if (this.#state === 'running' && !this.#idle) this.#idle = this.#work()
  }

  async #work(): Promise<void> {
    // The caller of notify() goes first; a channel's code never runs inside of it.
    await Promise.resolve()
    while (this.#state !== 'stopped' && this.#queue.length > 0) {
      const queued = this.#queue.shift()!
      this.#inWork = queued
      await this.#deliver(queued)
      this.#inWork = undefined
    }
    // In the same turn as the last look at the queue, so that no alert comes between.
    this.#idle = undefined
  }

  async #deliver(queued: QueuedAlert): Promise<void> {
    for (;;) {
      const mayTry = await this.#rest()
      if (this.#halt.signal.aborted) return this.#fail(queued, STOPPED)
      if (!mayTry) return this.#passOver(queued)
      if (queued.attempt === 0 && isExpired(this.#options, this.#ageMs(queued), this.#failures)) {
        return this.#fail(queued, `given up without an attempt, the channel has been failing: ${this.#lastReason}`)
      }
      queued.attempt += 1
      const delivery = await this.#attempt(queued.alert)
      if (this.#halt.signal.aborted && !delivery.ok) return this.#fail(queued, `${STOPPED}: ${delivery.reason}`)
      if (this.#settle(queued, delivery)) return
    }
  }

  async #attempt(alert: Alert): Promise<Delivery> {
    const { sendTimeoutMs, clock } = this.#options
    const what = `channel ${this.channel.name}`
    try {
      return await withDeadline(what, sendTimeoutMs, async (signal) => this.channel.send(alert, { signal }), {
        signal: this.#halt.signal,
        clock,
      })
    } catch (error) {
      // Our own errors hold no secret; what another's message holds, nobody knows.
      const known = HotspareError.is(error)
      const reason = known ? errorText(error) : `${what} threw ${errorCode(error) ?? (error instanceof Error ? error.name : typeof error)}`
      return { ok: false, retryable: known ? error.retryable : true, reason }
    }
  }

  /** @returns whether the alert has come to its end */
  #settle(queued: QueuedAlert, delivery: Delivery): boolean {
    const { random, backoffBaseMs, backoffCapMs } = this.#options
    this.#failures = failuresAfter(delivery, this.#failures)
    const backoff = backoffMs(Math.max(1, this.#failures), { baseMs: backoffBaseMs, capMs: backoffCapMs, random })
    const ageMs = this.#ageMs(queued)
    const decision = decideDelivery(this.#options, { attempt: queued.attempt, ageMs, delivery, backoffMs: backoff })
    switch (decision.action) {
      case 'done':
        this.#emit({ type: 'alert-delivered', ...this.#about(queued), receipt: decision.receipt, tookMs: ageMs })
        return true
      case 'retry':
        this.#pause(decision.pause, decision.reason)
        this.#emit({ type: 'alert-delayed', ...this.#about(queued), reason: decision.reason, retryInMs: decision.pause.waitMs })
        return false
      case 'give-up':
        this.#pause(decision.pause, decision.reason)
        this.#fail(queued, decision.reason)
        return true
      default:
        return assertNever(decision)
    }
  }

  #pause(pause: Pause, reason: string): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#resumeAtMs = nowMs + pause.waitMs
    this.#notBeforeMs = nowMs + pause.askedMs
    this.#lastReason = reason
  }

  /** The alert has had its last try before the drain ends. The ones behind it have theirs, unless the receiver asked for a longer pause. */
  #passOver(queued: QueuedAlert): void {
    this.#fail(queued, `${STOPPED}: ${this.#lastReason}`)
    if (this.#notBeforeMs >= this.#drainUntilMs) this.halt()
    else this.#resumeAtMs = this.#notBeforeMs
  }

  /** Waits until the channel may be tried. @returns false where that comes too late */
  async #rest(): Promise<boolean> {
    const { clock } = this.#options
    while (!this.#halt.signal.aborted) {
      const rest = decideRest({ nowMs: clock.monotonicMs(), resumeAtMs: this.#resumeAtMs, drainUntilMs: this.#drainUntilMs })
      if (rest.action !== 'wait') return rest.action === 'go'
      await sleep(rest.waitMs, { signal: this.#wake.signal, clock }).catch(() => {})
    }
    return false
  }

  #wakeUp(): void {
    this.#wake.abort()
    this.#wake = new AbortController()
  }

  #giveUpQueue(): void {
    for (const queued of this.#queue.splice(0)) this.#fail(queued, STOPPED)
  }

  #ageMs(queued: QueuedAlert): number {
    return this.#options.clock.monotonicMs() - queued.queuedAtMs
  }

  #fail(queued: QueuedAlert, reason: string): void {
    this.#options.logger.warn({ ...this.#about(queued), reason }, 'an alert was given up')
    this.#emit({ type: 'alert-failed', ...this.#about(queued), reason })
  }

  #drop(queued: QueuedAlert, reason: string): void {
    this.#options.logger.warn({ ...this.#about(queued), reason }, 'an alert was dropped')
    this.#emit({ type: 'alert-dropped', ...this.#about(queued), reason })
  }

  #about({ alert, attempt }: QueuedAlert): Pick<AlertEvent, 'at' | 'channel' | 'alertId' | 'key' | 'attempt'> {
    return { at: this.#options.clock.wallMs(), channel: this.channel.name, alertId: alert.id, key: alert.key, attempt }
  }
}
