import type { Clock } from '@hotspare/core'
import type { RememberedPushReport } from '@hotspare/health/push'

/** What jobs have reported, held for the next control: a report grows older meanwhile. */
export class HeldReports {
  readonly #clock: Clock
  readonly #held = new Map<string, { readonly report: RememberedPushReport; readonly atMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hold(check: string, report: RememberedPushReport): void {
    this.#held.set(check, { report, atMs: this.#clock.monotonicMs() })
  }

  /** Forgets those of checks that are gone. */
  keepOnly(checks: ReadonlySet<string>): void {
    for (const check of this.#held.keys()) if (!checks.has(check)) this.#held.delete(check)
  }

  /** As old as they are now. */
  list(): ReadonlyMap<string, RememberedPushReport> {
    const nowMs = this.#clock.monotonicMs()
    return new Map([...this.#held].map(([check, { report, atMs }]) => [check, { ...report, ageMs: report.ageMs + nowMs - atMs }]))
  }
}
