import { backoffMs, type Random } from '@hotspare/core'
import type { DnsProvider } from '../provider.ts'
import type { RecordNews } from '../reconcile-news.ts'
import { answeringDefaults } from './defaults.ts'

export interface TroubleOptions {
  readonly provider: Pick<DnsProvider, 'waitMs'>
  readonly random: Random
  readonly news: RecordNews
}

/** What goes wrong with one record at a provider, and how long to wait after it. */
export class Trouble {
  readonly #options: TroubleOptions
  #failures = 0
  /** Readings may work where changes do not. */
  #failing: 'read' | 'change' | undefined

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  /** Failures, and changes that met another, in a row. */
  get failures(): number {
    return this.#failures
  }

  /** @returns how long to wait, in milliseconds */
  failed(what: 'read' | 'change', because: string, retryAfterMs?: number): number {
    const pauseMs = this.met(retryAfterMs)
    this.#failing = what
    this.#options.news.failed(because, pauseMs)
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
    if (this.#failing === 'read') this.worked()
  }

  /** It was read and is as it should be. */
  worked(): void {
    this.#failures = 0
    this.#failing = undefined
    this.#options.news.recovered()
  }
}
