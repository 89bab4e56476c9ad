import { type Clock, errorText, sleep, type Timer } from '@hotspare/core'
import type { Wire } from './driver.ts'

export interface ClaimWatcherOptions {
  readonly clock: Clock
  readonly watchMs: number
  readonly pollMs: number
  readonly onClaim: (mac: string) => void
}

export interface ProbeOptions {
  readonly waitMs: number
  readonly count: number
  /** Whether this answer ends the wait. */
  readonly isFinal: (mac: string) => boolean
  readonly onFailure: (because: string) => void
  readonly signal: AbortSignal
}

export interface ProbeAnswers {
  /** Hardware addresses of all who have answered. */
  readonly holders: readonly string[]
  /** Whether every question went out, as far as there was time for it; if not, silence says nothing. */
  readonly asked: boolean
}

/** Hears who else claims the address: all the time, and closely while a probe waits for its answer. */
export class ClaimWatcher {
  readonly #options: ClaimWatcherOptions
  readonly #listeners = new Set<(mac: string) => void>()
  #wire: Wire | undefined
  #timer: Timer | undefined

  constructor(options: ClaimWatcherOptions) {
    this.#options = options
  }

  watch(wire: Wire): void {
    this.stop()
    this.#wire = wire
    this.#scheduleNext()
  }

  /** Asks who has the address, and waits until `isFinal` or for `waitMs`. @throws the reason of `signal` */
  async probe({ waitMs, count, isFinal, onFailure, signal }: ProbeOptions): Promise<ProbeAnswers> {
    const { clock, pollMs } = this.#options
    const wire = this.#wire
    if (!wire) return { holders: [], asked: false }
    const holders = new Set<string>()
    let final = false
    const listener = (mac: string) => {
      holders.add(mac)
      final ||= isFinal(mac)
    }
    this.#listeners.add(listener)
    const startMs = clock.monotonicMs()
    let sent = 0
    try {
      for (;;) {
        const sinceMs = clock.monotonicMs() - startMs
        if (sent < count && sinceMs >= (sent * waitMs) / count) {
          sent++
          wire.probe()
        }
        this.#look()
        const replaced = this.#wire !== wire
        // A wire that was replaced meanwhile hears nothing any more.
        if (final || replaced || sinceMs >= waitMs) return { holders: [...holders], asked: !replaced }
        await sleep(Math.min(pollMs, waitMs), { signal, clock })
      }
    } catch (error) {
      if (signal.aborted) throw error
      onFailure(errorText(error))
      return { holders: [...holders], asked: false }
    } finally {
      this.#listeners.delete(listener)
    }
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = this.#wire = undefined
  }

  #scheduleNext(): void {
    const { clock, watchMs } = this.#options
    this.#timer = clock.schedule(watchMs, () => {
      this.#look()
      if (this.#wire) this.#scheduleNext()
    })
  }

  #look(): void {
    for (const mac of this.#wire?.takeClaims() ?? []) {
      for (const listener of this.#listeners) listener(mac)
      this.#options.onClaim(mac)
    }
  }
}
