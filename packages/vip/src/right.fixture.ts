import type { Clock } from '@hotspare/core'
import type { Right } from '@hotspare/core/plan'

/** A right that a test renews, doubts and ends. */
export class TestRight implements Right {
  readonly token = 1
  readonly #clock: Clock
  readonly #controller = new AbortController()
  #deadlineMs: number
  doubted = false

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock
    this.#deadlineMs = clock.monotonicMs() + forMs
  }

  get deadlineMs(): number {
    return this.#deadlineMs
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  isValid(): boolean {
    return !this.doubted && !this.signal.aborted && this.#clock.monotonicMs() < this.#deadlineMs
  }

  confirm(): Promise<boolean> {
    return Promise.resolve(this.isValid())
  }

  renew(forMs: number): void {
    this.#deadlineMs = this.#clock.monotonicMs() + forMs
  }

  end(): void {
    this.#controller.abort(new Error('another has it'))
  }
}
