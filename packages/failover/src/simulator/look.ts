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

/** Asks again and again, one question at a time, as the daemon's monitor does, and counts answers and failures in a row. */
export class Look {
  readonly #options: LookOptions
  #streak = { ok: true, length: 0 }
  #isDown = false
  /** Of the next look, or of the deadline of the one under way. */
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
    this.#timer = clock.schedule(Math.min(100, spec.intervalMs), () => this.#ask())
  }

  stop(): void {
    this.#life += 1
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #ask(): void {
    const { clock, spec, ask } = this.#options
    const beganMs = clock.monotonicMs()
    this.#life += 1
    const life = this.#life
    const over = (ok: boolean, because: string) => {
      if (life !== this.#life) return
      this.#life += 1
      this.#timer?.cancel()
      this.#judge(ok, because)
      // Whoever heard the verdict may have ended this.
      if (this.#life !== life + 1) return
      this.#timer = clock.schedule(Math.max(0, beganMs + this.#paceMs() - clock.monotonicMs()), () => this.#ask())
    }
    // By the process's own clock: it runs out in a pause too, and whoever wakes may see that before he sees the answer.
    this.#timer = clock.schedule(spec.timeoutMs, () => over(false, `no answer within ${spec.timeoutMs} ms`))
    ask((ok) => over(ok, ok ? 'it answers' : 'connection refused'))
  }

  /** From the start of this look to the start of the next: shorter while the verdict may be about to change. */
  #paceMs(): number {
    const { intervalMs, fastMs = intervalMs } = this.#options.spec
    const isSettled = this.#streak.ok !== this.#isDown
    return isSettled ? intervalMs : fastMs
  }

  #judge(ok: boolean, because: string): void {
    const { spec, judged } = this.#options
    this.#streak = { ok, length: this.#streak.ok === ok ? this.#streak.length + 1 : 1 }
    if (ok && (!this.#isDown || this.#streak.length >= spec.rise)) this.#isDown = false
    else if (!ok && this.#streak.length >= spec.fall) this.#isDown = true
    if (ok !== this.#isDown) judged(ok, because)
  }
}
