import type { Clock, Timer } from '@hotspare/core'
import type { LookSpec } from './schedule.ts'

export interface LookOptions {
  readonly clock: Clock
  readonly spec: LookSpec
  /** Asks once; may never be answered. */
  readonly ask: (answered: (ok: boolean) => void) => void
  /** After each look that says what is so: a failure before `fall` of them in a row says nothing, nor a success before `rise`. */
  readonly judged: (ok: boolean, because: string) => void
}

/** Asks again and again, and counts answers and failures in a row. */
export class Look {
  readonly #options: LookOptions
  #streak = { ok: true, length: 0 }
  #isDown = false
  #timer: Timer | undefined
  /** Which answers still count. */
  #life = 0

  constructor(options: LookOptions) {
    this.#options = options
  }

  /** Begins anew, and knows nothing. */
  start(): void {
    this.stop()
    this.#streak = { ok: true, length: 0 }
    this.#isDown = false
    const { clock, spec } = this.#options
    // A process that has just started needs a moment.
    this.#timer = clock.schedule(Math.min(100, spec.intervalMs), () => this.#again())
  }

  stop(): void {
    this.#life += 1
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #again(): void {
    const { clock, spec, ask } = this.#options
    const pauseMs = this.#streak.ok ? spec.intervalMs : (spec.fastMs ?? spec.intervalMs)
    this.#timer = clock.schedule(pauseMs, () => this.#again())
    const life = this.#life
    let isOver = false
    // By the process's own clock: it runs out in a pause too, and whoever wakes may see that before he sees the answer.
    const timeout = clock.schedule(spec.timeoutMs, () => over(false, `no answer within ${spec.timeoutMs} ms`))
    const over = (ok: boolean, because: string) => {
      if (isOver || life !== this.#life) return
      isOver = true
      timeout.cancel()
      this.#judge(ok, because)
    }
    ask((ok) => over(ok, ok ? 'it answers' : 'connection refused'))
  }

  #judge(ok: boolean, because: string): void {
    const { spec, judged } = this.#options
    this.#streak = { ok, length: this.#streak.ok === ok ? this.#streak.length + 1 : 1 }
    if (ok && (!this.#isDown || this.#streak.length >= spec.rise)) this.#isDown = false
    else if (!ok && this.#streak.length >= spec.fall) this.#isDown = true
    if (ok !== this.#isDown) judged(ok, because)
  }
}
