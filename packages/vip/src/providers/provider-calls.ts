import { asCloudError, CallBudget, type CloudError } from '@hotspare/cloud'
import { abortReason, type Clock, type Random, backoffMs, sleep, withDeadline } from '@hotspare/core'
import { providerDefaults } from './defaults.ts'
import type { AddressProvider, Operation } from './provider.ts'

export type CallResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CloudError }

/** Calls to one provider, one at a time for each caller, within its limits and its pauses. */
export class ProviderCalls {
  readonly budget: CallBudget
  readonly #provider: AddressProvider
  readonly #clock: Clock
  readonly #random: Random
  #failures = 0

  constructor(provider: AddressProvider, { clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#provider = provider
    this.#clock = clock
    this.#random = random
    this.budget = new CallBudget({ ...provider.terms.rate, clock })
  }

  /** Waits for its turn and makes a call. @throws the reason of `signal` */
  async make<T>(call: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<CallResult<T>> {
    await this.budget.take(signal)
    return this.makeNow(call, signal)
  }

  /** Makes a call whose turn it is already. @throws the reason of `signal` */
  async makeNow<T>(call: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<CallResult<T>> {
    const { id, terms } = this.#provider
    try {
      const value = await withDeadline(id, terms.callMs, call, { signal, clock: this.#clock })
      this.#failures = 0
      return { ok: true, value }
    } catch (thrown) {
      if (signal.aborted) throw abortReason(signal)
      const error = asCloudError(thrown, id)
      this.#failures += 1
      const limitedMs = error.fault === 'limited' ? providerDefaults.limitedMs + this.nextTryMs() : undefined
      this.budget.failed(error, { credentialsMs: terms.credentialsPauseMs, limitedMs })
      return { ok: false, error }
    }
  }

  /** How long nobody should ask again, after what has failed in a row, in milliseconds. */
  nextTryMs(): number {
    if (this.#failures === 0) return 0
    const { retryBaseMs: baseMs, retryCapMs: capMs } = providerDefaults
    return backoffMs(this.#failures, { baseMs, capMs, random: this.#random })
  }

  /** Waits before another try. @throws the reason of `signal` */
  async wait(signal: AbortSignal): Promise<void> {
    await sleep(this.nextTryMs(), { signal, clock: this.#clock })
  }

  /** Waits for the end of what the provider does by itself. @throws the reason of `signal` */
  async finish(operation: Operation, signal: AbortSignal): Promise<CallResult<void>> {
    for (;;) {
      await sleep(this.#provider.terms.pollMs, { signal, clock: this.#clock })
      const polled = await this.make((own) => operation.hasEnded(own), signal)
      // It has ended badly; a question that was not answered says nothing of it.
      if (!polled.ok && polled.error.fault !== 'unavailable' && polled.error.fault !== 'limited') return polled
      if (polled.ok && polled.value) return { ok: true, value: undefined }
      if (!polled.ok) await this.wait(signal)
    }
  }
}
