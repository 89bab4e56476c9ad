import type { Clock, Timer } from '../clock.ts'
import { HotspareError } from '../errors.ts'

interface Pending {
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/** How many turns of the microtask queue a callback's consequences get before the next timer fires. */
const SETTLE_TURNS = 100

/**
 * A clock that stands still until a test moves it. Timers fire in order of their time, then of their scheduling;
 * between two of them, promises that have become ready run, so that code behaves as it does with real time between.
 */
export class TestClock implements Clock {
  #nowMs = 0
  #wallOffsetMs: number
  #order = 0
  readonly #pending = new Set<Pending>()

  /** @param startWallMs what the wall clock shows at first, in milliseconds since the Unix epoch */
  constructor(startWallMs = 1_700_000_000_000) {
    this.#wallOffsetMs = startWallMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs
  }

  schedule(delayMs: number, callback: () => void): Timer {
    if (Number.isNaN(delayMs)) throw misuse('a delay that is no number')
    const entry: Pending = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback }
    this.#pending.add(entry)
    return { cancel: () => void this.#pending.delete(entry) }
  }

  /** How many timers wait: a test that stops something expects 0. */
  get pendingTimers(): number {
    return this.#pending.size
  }

  /** Steps the wall clock alone, as NTP or a human does. */
  stepWall(byMs: number): void {
    this.#wallOffsetMs += byMs
  }

  /** Moves time forward by `byMs` milliseconds and runs everything that falls due on the way. */
  async advance(byMs: number): Promise<void> {
    if (!(byMs >= 0)) throw misuse(`time never goes back, so it cannot move by ${byMs} ms`)
    const untilMs = this.#nowMs + byMs
    await settle()
    for (let next = this.#nextDue(untilMs); next; next = this.#nextDue(untilMs)) {
      this.#nowMs = next.dueMs
      this.#pending.delete(next)
      next.callback()
      await settle()
    }
    this.#nowMs = untilMs
  }

  #nextDue(untilMs: number): Pending | undefined {
    let first: Pending | undefined
    for (const entry of this.#pending) {
      if (entry.dueMs > untilMs) continue
      if (!first || entry.dueMs < first.dueMs || (entry.dueMs === first.dueMs && entry.order < first.order)) first = entry
    }
    return first
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await Promise.resolve()
}

function misuse(what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_CORE_TEST_CLOCK', message: `test clock: ${what}` })
}
