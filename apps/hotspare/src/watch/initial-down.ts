import type { ProbeResult } from '@hotspare/health'

/**
 * What was taken to be down at the start tells nobody that it is: no state has changed. Nobody is to be alarmed of what was not
 * even looked at, and everybody of what has failed as often as would have taken it down.
 */
export class InitialDown {
  readonly #fall = new Map<string, number>()
  readonly #failures = new Map<string, number>()

  /** @param fall failures in a row that prove it down */
  add(id: string, fall: number): void {
    this.#fall.set(id, fall)
  }

  /** Whether it is only believed to be down. */
  has(id: string): boolean {
    return this.#fall.has(id)
  }

  /** @returns whether it is believed no longer: it is proven now, one way or the other */
  take(id: string, result: ProbeResult, isDown: boolean): boolean {
    const fall = this.#fall.get(id)
    if (fall === undefined || result.outcome === 'inconclusive') return false
    const failures = result.outcome === 'fail' ? (this.#failures.get(id) ?? 0) + 1 : 0
    const isProven = !isDown || failures >= fall || (result.outcome === 'fail' && result.immediate === true)
    this.#failures.set(id, failures)
    if (!isProven) return false
    this.#fall.delete(id)
    this.#failures.delete(id)
    return true
  }
}
