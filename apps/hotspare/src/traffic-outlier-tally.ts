import type { Clock, Timer } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'

/** So many lines about a target come at once: an ejection, its end, and the next ones. */
const BURST = 6
/** And then one in this time: a target that comes and goes all day must not drive everything else out of the timeline. */
const REFILL_MS = 10_000

interface Line {
  /** How many may be told at once. */
  left: number
  filledMs: number
  /** The latest that was not told. */
  waiting: OutlierEvent | undefined
}

/**
 * Folds what detectors tell into lines for people. Most are told at once; where there are too many of one target, the
 * latest change is told late and those before it are not. Metrics count them all.
 */
export class OutlierTally {
  readonly #clock: Clock
  readonly #record: (event: OutlierEvent) => void
  readonly #lines = new Map<string, Line>()
  #timer: Timer | undefined

  constructor(options: { readonly clock: Clock; readonly record: (event: OutlierEvent) => void }) {
    this.#clock = options.clock
    this.#record = options.record
  }

  add(event: OutlierEvent): void {
    const line = this.#lineOf(event.targetId)
    if (line.waiting === undefined && line.left > 0) {
      line.left -= 1
      return this.#record(event)
    }
    // It changes nothing, and would hide a change.
    if (event.type === 'ejection-withheld') return
    line.waiting = event
    this.#arm()
  }

  /** Records what waits, now. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    for (const line of this.#lines.values()) this.#tellWaiting(line)
  }

  #lineOf(targetId: string): Line {
    const nowMs = this.#clock.monotonicMs()
    const line = this.#lines.get(targetId) ?? { left: BURST, filledMs: nowMs, waiting: undefined }
    this.#lines.set(targetId, line)
    const gained = Math.floor((nowMs - line.filledMs) / REFILL_MS)
    line.left = Math.min(BURST, line.left + gained)
    line.filledMs += gained * REFILL_MS
    return line
  }

  #arm(): void {
    this.#timer ??= this.#clock.schedule(REFILL_MS, () => this.#refilled(), { unref: true })
  }

  #refilled(): void {
    this.#timer = undefined
    for (const id of this.#lines.keys()) {
      const line = this.#lineOf(id)
      if (line.waiting === undefined) continue
      if (line.left === 0) this.#arm()
      else {
        line.left -= 1
        this.#tellWaiting(line)
      }
    }
  }

  #tellWaiting(line: Line): void {
    const { waiting } = line
    line.waiting = undefined
    if (waiting) this.#record(waiting)
  }
}
