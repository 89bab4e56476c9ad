import { backoffMs, type Clock, formatDuration, type Random } from '@hotspare/core'
import type { DnsProvider } from '../provider.ts'
import type { DnsRecordEventDetails } from '../reconcile-events.ts'
import { answeringDefaults } from './defaults.ts'

export interface TroubleOptions {
  readonly provider: Pick<DnsProvider, 'waitMs'>
  /** As people call the provider. */
  readonly label: string
  readonly clock: Clock
  readonly random: Random
  readonly tell: (event: DnsRecordEventDetails) => void
}

/** What goes wrong with one record at a provider, told once for each time, and how long to wait after it. */
export class Trouble {
  readonly #options: TroubleOptions
  #failures = 0
  /** Readings may work where changes do not. */
  #failing: { readonly what: 'read' | 'change'; readonly sinceMs: number } | undefined

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  /** Failures, and changes that met another, in a row. */
  get failures(): number {
    return this.#failures
  }

  /** @returns how long to wait, in milliseconds */
  failed(what: 'read' | 'change', because: string, retryAfterMs?: number): number {
    const { clock, tell, label } = this.#options
    const pauseMs = this.met(retryAfterMs)
    const wasTold = this.#failing !== undefined
    this.#failing = { what, sinceMs: this.#failing?.sinceMs ?? clock.monotonicMs() }
    if (!wasTold) tell({ type: 'provider-failed', because, retryInMs: pauseMs, text: `${label} does not work: ${because}` })
    return pauseMs
  }

  /** Another was met, or a failure. @param askedMs how long the provider wants to be left alone @returns how long to wait; in milliseconds */
  met(askedMs = 0): number {
    this.#failures += 1
    const { retryBaseMs: baseMs, retryCapMs: capMs } = answeringDefaults
    const { random, provider } = this.#options
    // Never at once: what has failed for good would be asked as fast as it answers.
    const ownMs = baseMs / 2 + backoffMs(this.#failures, { baseMs, capMs, random })
    return Math.max(ownMs, askedMs, provider.waitMs())
  }

  /** A reading was answered. */
  read(): void {
    if (this.#failing?.what === 'read') this.worked()
  }

  /** It was read and is as it should be. */
  worked(): void {
    this.#failures = 0
    if (!this.#failing) return
    const { clock, tell, label } = this.#options
    const afterMs = clock.monotonicMs() - this.#failing.sinceMs
    this.#failing = undefined
    tell({ type: 'provider-recovered', afterMs, text: `${label} works again, after ${formatDuration(afterMs)}` })
  }
}
