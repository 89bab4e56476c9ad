import { type Clock, systemClock, type Timer } from '@hotspare/core'

interface Pending {
  readonly dueMs: number
  readonly callback: () => void
}

/** How often the world is looked at, in real milliseconds. */
const LOOK_MS = 2

/** How many looks in a row have to find nothing that moved before time goes on: what was sent has to arrive. */
const QUIET_LOOKS = 12

/**
 * Time for tests against a server on loopback: it stands still while something moves, however slow the machine is, and goes on to the
 * next timer when nothing does any more. A request that is left without an answer is such a quiet.
 */
export class QuietClock implements Clock {
  readonly #moves: () => string
  readonly #pending = new Set<Pending>()
  #nowMs = 0
  #quiet = 0
  #activity = 0
  #seen = ''
  #isStopped = false
  #isLooking = false

  /** @param moves a text that changes whenever something happens, or `busy` while something is under way */
  constructor(moves: () => string) {
    this.#moves = moves
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  /** Of today: signatures that are checked elsewhere carry it. */
  wallMs(): number {
    return systemClock.wallMs() + this.#nowMs
  }

  schedule(delayMs: number, callback: () => void): Timer {
    const entry = { dueMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#pending.add(entry)
    this.#activity += 1
    this.#lookSoon()
    return {
      cancel: () => {
        if (this.#pending.delete(entry)) this.#activity += 1
      },
    }
  }

  /** Moves time by hand, past whatever is due. */
  move(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (let next = this.#next(); next && next.dueMs <= untilMs; next = this.#next()) this.#fire(next)
    this.#nowMs = untilMs
  }

  stop(): void {
    this.#isStopped = true
  }

  #next(): Pending | undefined {
    let first: Pending | undefined
    for (const each of this.#pending) if (!first || each.dueMs < first.dueMs) first = each
    return first
  }

  #fire(next: Pending): void {
    this.#pending.delete(next)
    this.#nowMs = Math.max(this.#nowMs, next.dueMs)
    next.callback()
  }

  #lookSoon(): void {
    if (this.#isLooking || this.#isStopped || this.#pending.size === 0) return
    this.#isLooking = true
    systemClock.schedule(LOOK_MS, () => {
      this.#isLooking = false
      this.#look()
      this.#lookSoon()
    })
  }

  #look(): void {
    const seen = `${this.#activity} ${this.#moves()}`
    this.#quiet = seen === this.#seen && !seen.endsWith('busy') ? this.#quiet + 1 : 0
    this.#seen = seen
    if (this.#quiet < QUIET_LOOKS) return
    this.#quiet = 0
    const next = this.#next()
    if (next) this.#fire(next)
  }
}
