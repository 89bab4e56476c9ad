import type { Clock, Timer } from '@hotspare/core'
import type { TargetAside } from './traffic-aside.ts'

/** People do not see more; and control need not hear more. */
const LEAST_MS = 1_000
/** A control that was started meanwhile knows after this time who is put aside. An ejection lasts longer, usually. */
const REPEAT_MS = 5_000

export interface AsideTellerOptions {
  readonly clock: Clock
  /** Everybody who is put aside now. */
  readonly list: () => readonly TargetAside[]
  readonly tell: (targets: readonly TargetAside[]) => void
}

/** Tells control who is put aside: the whole list, after each change, and again while there is anybody on it, so that nothing that gets lost is lost for long. */
export class AsideTeller {
  readonly #options: AsideTellerOptions
  #toldMs = Number.NEGATIVE_INFINITY
  #due: { readonly atMs: number; readonly timer: Timer } | undefined

  constructor(options: AsideTellerOptions) {
    this.#options = options
  }

  /** Tells the list as it will be in a moment, or when the last telling is a second ago. */
  changed(): void {
    this.#tellAt(Math.max(this.#options.clock.monotonicMs(), this.#toldMs + LEAST_MS))
  }

  stop(): void {
    this.#due?.timer.cancel()
    this.#due = undefined
  }

  #tellAt(atMs: number): void {
    if (this.#due && this.#due.atMs <= atMs) return
    const { clock } = this.#options
    this.#due?.timer.cancel()
    const timer = clock.schedule(Math.max(0, atMs - clock.monotonicMs()), () => this.#tell(), { unref: true })
    this.#due = { atMs, timer }
  }

  #tell(): void {
    const { clock, list, tell } = this.#options
    this.#due = undefined
    this.#toldMs = clock.monotonicMs()
    const targets = list()
    tell(targets)
    if (targets.length > 0) this.#tellAt(this.#toldMs + REPEAT_MS)
  }
}
