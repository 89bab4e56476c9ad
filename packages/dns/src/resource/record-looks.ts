import { backoffMs, type Clock, errorText, formatDuration, type Random, sleep, type Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import { resourceDefaults } from './defaults.ts'

/** How a record stands, without since when. */
export type Standing = Pick<Verdict<ResourceState>, 'state' | 'because'>

export interface RecordLooksOptions {
  /** One look at the provider. @throws whatever it meets */
  readonly look: (signal: AbortSignal) => Promise<Standing>
  /** Until a call may go out, in milliseconds. */
  readonly waitMs: () => number
  readonly everyMs: number
  readonly clock: Clock
  readonly random: Random
}

/** What is known of a record, without asking its provider more often than it wants to be asked. */
export class RecordLooks {
  readonly #options: RecordLooksOptions
  readonly #closing = new AbortController()
  #verdict: Verdict<ResourceState> | undefined
  #seenMs = -Infinity
  #nextMs = -Infinity
  #looking: Promise<void> | undefined
  /** Why the last look failed, if it did. */
  #failure: string | undefined
  #failures = 0
  /** What was seen by a look that began before this number changed is old. */
  #changes = 0

  constructor(options: RecordLooksOptions) {
    this.#options = options
  }

  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** What has just been seen by whoever acts. */
  saw({ state, because }: Standing): void {
    const { clock, everyMs } = this.#options
    const since = this.#verdict?.state === state ? this.#verdict.since : clock.wallMs()
    this.#verdict = { state, since, because }
    this.#failure = undefined
    this.#failures = 0
    this.#seenMs = clock.monotonicMs()
    this.#nextMs = this.#seenMs + everyMs
    this.#changes += 1
  }

  /** Something was done, and how it ended is not known: the next observation asks. */
  doubt(): void {
    this.#nextMs = -Infinity
    this.#changes += 1
  }

  /** As last seen, with its age where the provider has not answered since. @throws the reason of `signal` */
  async observe(signal: AbortSignal | undefined): Promise<Verdict<ResourceState>> {
    const { clock } = this.#options
    if (clock.monotonicMs() >= this.#nextMs) {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
      await this.#patiently(this.#looking, signal)
    }
    return this.#told()
  }

  close(): void {
    this.#closing.abort(new Error('the resource was closed'))
  }

  /** What was seen before is good enough after a while; where nothing was, there is nothing to fall back on. */
  async #patiently(looking: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options
    const settled = new AbortController()
    const either = signal ? AbortSignal.any([settled.signal, signal]) : settled.signal
    const patienceMs = this.#verdict ? resourceDefaults.patienceMs : resourceDefaults.firstLookMs
    const given = sleep(patienceMs, { clock, signal: either }).catch((error: unknown) => {
      if (signal?.aborted) throw error
    })
    await Promise.race([looking, given]).finally(() => settled.abort())
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { look, waitMs, clock } = this.#options
    const changes = this.#changes
    const pauseMs = waitMs()
    if (pauseMs > 0) {
      // Whoever has to act comes first: a look does not queue for the next call that there is.
      this.#failure ??= `its limits leave ${formatDuration(Math.ceil(pauseMs / 1_000) * 1_000)} until the next look`
      return
    }
    try {
      const standing = await look(this.#closing.signal)
      if (this.#changes === changes) this.saw(standing)
    } catch (error) {
      if (this.#changes !== changes) return
      this.#failure = errorText(error)
      this.#failures += 1
      this.#nextMs = clock.monotonicMs() + this.#pauseAfterFailureMs()
    }
  }

  #pauseAfterFailureMs(): number {
    const { everyMs, random } = this.#options
    const { longestLookPauseMs: capMs } = resourceDefaults
    return everyMs + backoffMs(this.#failures, { baseMs: everyMs, capMs: Math.max(capMs, everyMs), random })
  }

  #told(): Verdict<ResourceState> {
    const { clock } = this.#options
    const failure = this.#failure
    if (!this.#verdict) return { state: 'unknown', since: clock.wallMs(), because: failure ?? 'the provider has not answered yet' }
    const ageMs = clock.monotonicMs() - this.#seenMs
    if (failure === undefined) return this.#verdict
    const age = formatDuration(Math.round(ageMs / 1_000) * 1_000)
    return { ...this.#verdict, because: `${this.#verdict.because}, as seen ${age} ago: ${failure}` }
  }
}
