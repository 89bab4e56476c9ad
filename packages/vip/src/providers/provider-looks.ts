import { type Clock, formatDuration, sleep, type Verdict } from '@hotspare/core'
import type { ResourceState } from '@hotspare/core/plan'
import { providerDefaults } from './defaults.ts'
import { judgeHolding } from './judge-holding.ts'
import type { AddressProvider, Holding } from './provider.ts'
import type { ProviderCalls } from './provider-calls.ts'

/** Of a look: what people are told. */
export interface ProviderFailure {
  readonly message: string
  readonly retryable: boolean
}

export interface ProviderLooksOptions {
  readonly provider: AddressProvider
  readonly calls: ProviderCalls
  readonly own: string
  /** From target to node. */
  readonly members: ReadonlyMap<string, string>
  readonly clock: Clock
}

/** What is known of an address, without asking its provider more often than it wants to be asked. */
export class ProviderLooks {
  readonly #options: ProviderLooksOptions
  readonly #closing = new AbortController()
  #verdict: Verdict<ResourceState> | undefined
  #seenMs = -Infinity
  #nextMs = -Infinity
  #looking: Promise<void> | undefined
  #failure: ProviderFailure | undefined
  /** What was seen by a look that began before this number changed is old. */
  #changes = 0

  constructor(options: ProviderLooksOptions) {
    this.#options = options
  }

  /** Why the last look failed, if it did. */
  get failure(): ProviderFailure | undefined {
    return this.#failure
  }

  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** What has just been seen by whoever acts. */
  saw(holding: Holding): void {
    const { own, members, clock } = this.#options
    const { state, because } = judgeHolding(holding, own, members)
    const since = this.#verdict?.state === state ? this.#verdict.since : clock.wallMs()
    this.#verdict = { state, since, because }
    this.#failure = undefined
    this.#seenMs = clock.monotonicMs()
    this.#nextMs = this.#seenMs + this.#everyMs()
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
    const { clock, provider } = this.#options
    const settled = new AbortController()
    const either = signal ? AbortSignal.any([settled.signal, signal]) : settled.signal
    const patienceMs = this.#verdict ? providerDefaults.patienceMs : provider.terms.callMs
    const given = sleep(patienceMs, { clock, signal: either }).catch((error: unknown) => {
      if (signal?.aborted) throw error
    })
    await Promise.race([looking, given]).finally(() => settled.abort())
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { provider, calls, members, clock } = this.#options
    const { rate } = provider.terms
    const changes = this.#changes
    if (!calls.budget.tryTake(Math.floor(rate.burst * providerDefaults.reserveShare))) {
      const waitMs = Math.ceil(calls.budget.waitMs() / 1_000) * 1_000
      this.#failure ??= { message: `its limits leave ${formatDuration(waitMs)} until the next look`, retryable: true }
      return
    }
    try {
      const looked = await calls.makeNow((own) => provider.look([...members.keys()], own), this.#closing.signal)
      if (this.#changes !== changes) return
      if (looked.ok) return this.saw(looked.value)
      this.#failure = looked.error
      this.#nextMs = clock.monotonicMs() + Math.max(this.#everyMs(), Math.min(providerDefaults.longestLookPauseMs, 4 * calls.nextTryMs()))
    } catch {
      this.#failure = { message: 'the resource was closed', retryable: false }
    }
  }

  /** The provider's limits are for all nodes together, and a look may be a call for each of them. */
  #everyMs(): number {
    const { provider, members } = this.#options
    const pairs = Math.max(1, members.size / 2)
    return provider.terms.lookEveryMs * pairs * (provider.asksEach ? pairs : 1)
  }

  #told(): Verdict<ResourceState> {
    const { clock } = this.#options
    const failure = this.#failure
    if (!this.#verdict) return { state: 'unknown', since: clock.wallMs(), because: failure?.message ?? 'the provider has not answered yet' }
    if (failure === undefined) return this.#verdict
    const age = formatDuration(Math.round((clock.monotonicMs() - this.#seenMs) / 1_000) * 1_000)
    return { ...this.#verdict, because: `${this.#verdict.because}, as seen ${age} ago: ${failure.message}` }
  }
}
