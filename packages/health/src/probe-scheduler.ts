import type { Clock, Timer } from '@hotspare/core'
import { DueQueue } from './due-queue.ts'

export interface ProbeSchedulerOptions<Item> {
  readonly clock: Clock
  readonly maxConcurrent: number
  /** While anything is in flight the timer fires at least so often: how late it comes shows whether this process runs. */
  readonly pulseMs: () => number
  /** One look from its start to its consequences. Never rejects. */
  readonly look: (item: Item, nowMs: number) => Promise<void>
  /** The timer has fired, `lateMs` after its time; 0 where that is less than a pulse. */
  readonly woke: (lateMs: number, nowMs: number) => void
}

/** Starts what is due, on one timer and with a limit on what is in flight; more waits, the longest due first. */
export class ProbeScheduler<Item> {
  readonly #options: ProbeSchedulerOptions<Item>
  readonly #queue = new DueQueue<Item>()
  readonly #inFlight = new Set<Promise<void>>()
  #running = false
  #pulseDueMs = Infinity
  /** `meantMs`: when it should fire; an item that had to wait for its turn is due long before. */
  #timer: { readonly dueMs: number; readonly meantMs: number; readonly handle: Timer } | undefined

  constructor(options: ProbeSchedulerOptions<Item>) {
    this.#options = options
  }

  get running(): boolean {
    return this.#running
  }

  start(): void {
    this.#running = true
    this.#arm()
  }

  /** Ends the timer and forgets what is due; what is in flight goes on. */
  stop(): void {
    this.#running = false
    this.#queue.clear()
    this.#arm()
  }

  /** Puts an item in, or moves it to a new time. */
  set(item: Item, dueMs: number): void {
    this.#queue.set(item, dueMs)
    this.#arm()
  }

  delete(item: Item): void {
    this.#queue.delete(item)
    this.#arm()
  }

  /** How late the timer is, where it should have fired by now: this process has only just begun to run again. */
  lateMs(nowMs: number): number {
    return this.#timer ? this.#stallMs(this.#timer.meantMs, nowMs) : 0
  }

  /** Resolves when nothing of now is in flight any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  get isIdle(): boolean {
    return this.#inFlight.size === 0
  }

  /** Sets the one timer to the earliest due item that may start, or to the next pulse. */
  #arm(): void {
    const { clock, maxConcurrent } = this.#options
    const dueMs = this.#running ? this.#nextDueMs(this.#inFlight.size < maxConcurrent) : Infinity
    if (dueMs === (this.#timer?.dueMs ?? Infinity)) return
    this.#timer?.handle.cancel()
    this.#timer = undefined
    if (dueMs === Infinity) return
    const nowMs = clock.monotonicMs()
    const meantMs = Math.max(nowMs, dueMs)
    const handle = clock.schedule(meantMs - nowMs, () => this.#fired(meantMs))
    this.#timer = { dueMs, meantMs, handle }
  }

  #nextDueMs(isFree: boolean): number {
    const pulseDueMs = this.#inFlight.size > 0 ? this.#pulseDueMs : Infinity
    return isFree ? Math.min(pulseDueMs, this.#queue.peek()?.dueMs ?? Infinity) : pulseDueMs
  }

  #fired(meantMs: number): void {
    const { clock, maxConcurrent, pulseMs, woke } = this.#options
    const nowMs = clock.monotonicMs()
    this.#timer = undefined
    woke(this.#stallMs(meantMs, nowMs), nowMs)
    this.#pulseDueMs = nowMs + pulseMs()
    // A listener may have stopped it all.
    while (this.#running && this.#inFlight.size < maxConcurrent) {
      const first = this.#queue.peek()
      if (!first || first.dueMs > nowMs) break
      this.#queue.delete(first.item)
      this.#begin(first.item, nowMs)
    }
    this.#arm()
  }

  /** Less than a pulse is a busy loop and no stall: it reads what comes, if a little later. */
  #stallMs(meantMs: number, nowMs: number): number {
    const lateMs = nowMs - meantMs
    return lateMs > this.#options.pulseMs() ? lateMs : 0
  }

  #begin(item: Item, nowMs: number): void {
    const looking: Promise<void> = this.#options.look(item, nowMs).finally(() => {
      this.#inFlight.delete(looking)
      this.#arm()
    })
    this.#inFlight.add(looking)
  }
}
