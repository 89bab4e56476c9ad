import { abortReason, type Clock } from '@hotspare/core'

/** Requests that wait for the outcome of a dial. */
export class DialWaiters {
  readonly #clock: Clock
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#waiting.size
  }

  /**
   * Resolves when there is an outcome, and at the latest after `timeoutMs`.
   *
   * @throws the reason of `signal`
   */
  wait(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortReason(signal))
      const end = () => {
        timer.cancel()
        signal?.removeEventListener('abort', giveUp)
        this.#waiting.delete(decided)
      }
      const decided = () => {
        end()
        resolve()
      }
      const giveUp = () => {
        end()
        reject(abortReason(signal))
      }
      const timer = this.#clock.schedule(timeoutMs, decided)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(decided)
    })
  }

  /** There is an outcome. */
  settle(): void {
    for (const decided of this.#waiting) decided()
  }
}
