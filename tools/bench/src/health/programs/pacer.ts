import { type Clock, systemClock } from '@hotspare/core'
import type { ProbeLoad } from '../load.ts'

export interface PacerOptions {
  readonly load: ProbeLoad
  /** Looks at one target. Never rejects. @returns whether it was well */
  readonly look: (index: number) => Promise<boolean>
  /** In flight at a time; under a busy load always so many. */
  readonly mostInFlight: number
  readonly clock?: Clock | undefined
}

/** Looks at targets one after the other on an absolute schedule, evenly spread; or, under a busy load, without a pause. */
export class Pacer {
  readonly #options: PacerOptions
  readonly #clock: Clock
  #running = 0
  #inFlight = 0
  #next = 0
  #failed = 0

  constructor(options: PacerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  begin(): void {
    const run = ++this.#running
    const { load, mostInFlight } = this.#options
    if (load.isBusy) for (let lane = 0; lane < mostInFlight; lane++) void this.#lane(run)
    else this.#arm(run, this.#clock.monotonicMs(), 0)
  }

  /** What is in flight ends by itself. */
  pause(): void {
    this.#running += 1
  }

  /** Since it was asked last; what was due while too much was in flight counts as failed. */
  counts(): { readonly failed: number } {
    const failed = this.#failed
    this.#failed = 0
    return { failed }
  }

  async #lane(run: number): Promise<void> {
    while (run === this.#running) await this.#look()
  }

  #arm(run: number, startMs: number, done: number): void {
    const { load, mostInFlight } = this.#options
    const everyMs = load.intervalMs / load.targets
    const waitMs = Math.max(0, startMs + done * everyMs - this.#clock.monotonicMs())
    this.#clock.schedule(waitMs, () => {
      if (run !== this.#running) return
      const due = Math.floor((this.#clock.monotonicMs() - startMs) / everyMs) + 1
      for (let number = done; number < due; number++) {
        if (this.#inFlight < mostInFlight) void this.#look()
        else this.#failed += 1
      }
      this.#arm(run, startMs, Math.max(done, due))
    })
  }

  async #look(): Promise<void> {
    this.#inFlight += 1
    this.#next = (this.#next + 1) % this.#options.load.targets
    if (!(await this.#options.look(this.#next))) this.#failed += 1
    this.#inFlight -= 1
  }
}
