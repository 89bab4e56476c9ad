import { type Clock, systemClock, type Timer } from '@hotspare/core'

interface Pending {
  readonly dueMs: number
  readonly callback: () => void
}

/** How many looks in a row have to find nothing under way before time moves: what was answered has to arrive. */
const QUIET_LOOKS = 3

/**
 * Time for tests against a real server: it stands still while a call is under way, however slow the machine is, and goes on to the
 * next timer at once when everybody waits. A request that the server leaves without an answer is one of those waits.
 */
export class IdleClock implements Clock {
  #nowMs = 0
  #calls = 0
  #aborted = 0
  #quiet = 0
  #stopped = false
  #ticking = false
  readonly #hung: () => number
  readonly #pending = new Set<Pending>()

  /** @param hung how many requests were left without an answer so far */
  constructor(hung: () => number) {
    this.#hung = hung
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  /** Of today: signatures that are checked elsewhere carry it. */
  wallMs(): number {
    return systemClock.wallMs() + this.#nowMs
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const entry = { dueMs: this.#nowMs + delayMs, callback }
    this.#pending.add(entry)
    this.#tickSoon()
    return { cancel: () => void this.#pending.delete(entry) }
  }

  stop(): void {
    this.#stopped = true
  }

  /** Runs a call that holds the time. @param signal gives it up @throws what it throws */
  async hold<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    this.#calls += 1
    const gone = () => (this.#aborted += 1)
    signal.addEventListener('abort', gone, { once: true })
    try {
      return await call()
    } finally {
      signal.removeEventListener('abort', gone)
      this.#calls -= 1
    }
  }

  #isBusy(): boolean {
    return this.#calls > Math.max(0, this.#hung() - this.#aborted)
  }

  #tickSoon(): void {
    if (this.#ticking || this.#stopped || this.#pending.size === 0) return
    this.#ticking = true
    systemClock.schedule(1, () => {
      this.#ticking = false
      this.#tick()
      this.#tickSoon()
    })
  }

  #tick(): void {
    this.#quiet = this.#isBusy() ? 0 : this.#quiet + 1
    if (this.#quiet < QUIET_LOOKS) return
    this.#quiet = 0
    const next = [...this.#pending].toSorted((one, other) => one.dueMs - other.dueMs)[0]
    if (!next) return
    this.#pending.delete(next)
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.callback()
  }
}
