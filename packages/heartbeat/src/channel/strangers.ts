import type { Clock, Timer } from '@hotspare/core'
import type { ConnectionsRefused } from './events.ts'
import type { StrangerReason } from './secure.ts'

type Counts = Partial<Record<StrangerReason, number>>

/** Counts strangers, and tells of them: the first at once, the others of `reportMs` together. */
export class StrangerReport {
  readonly #clock: Clock
  readonly #reportMs: number
  readonly #emit: (event: ConnectionsRefused) => void
  readonly #total: Counts = {}
  #untold: Counts = {}
  #because = ''
  #timer: Timer | undefined

  constructor(options: { readonly clock: Clock; readonly reportMs: number; readonly emit: (event: ConnectionsRefused) => void }) {
    this.#clock = options.clock
    this.#reportMs = options.reportMs
    this.#emit = options.emit
  }

  get total(): Readonly<Counts> {
    return { ...this.#total }
  }

  count(reason: StrangerReason, because: string): void {
    for (const counts of [this.#total, this.#untold]) counts[reason] = (counts[reason] ?? 0) + 1
    this.#because = because
    if (!this.#timer) this.#tell()
  }

  /** Tells what is left, and waits for nothing more. */
  close(): void {
    this.#timer?.cancel()
    if (Object.keys(this.#untold).length > 0) this.#tell()
    this.#timer?.cancel()
  }

  #tell(): void {
    this.#emit({ type: 'connections-refused', at: this.#clock.wallMs(), counts: this.#untold, because: this.#because })
    this.#untold = {}
    this.#timer = this.#clock.schedule(
      this.#reportMs,
      () => {
        this.#timer = undefined
        if (Object.keys(this.#untold).length > 0) this.#tell()
      },
      { unref: true },
    )
  }
}
