import { type Clock, errorText, withDeadline } from '@hotspare/core'
import type { LeaseRegister } from './register.ts'
import type { Call, LeaseInput } from './state.ts'

export interface RegisterAskerOptions {
  readonly register: LeaseRegister
  readonly lease: string
  readonly callTimeoutMs: number
  readonly clock: Clock
}

/** Makes the calls that the machine asks for, one at a time, each with its deadline. */
export class RegisterAsker {
  readonly #options: RegisterAskerOptions
  #controller: AbortController | undefined

  constructor(options: RegisterAskerOptions) {
    this.#options = options
  }

  /** @returns what the call has brought, as an input of the machine; never rejects */
  async ask(call: Call): Promise<LeaseInput> {
    const { register, lease, callTimeoutMs, clock } = this.#options
    const controller = new AbortController()
    this.#controller = controller
    try {
      return await withDeadline(
        `lease ${lease}: ${register.description}`,
        callTimeoutMs,
        (signal) => this.#call(call, { signal, timeoutMs: callTimeoutMs }),
        { clock, signal: controller.signal },
      )
    } catch (error) {
      return { type: 'no-answer', callId: call.id, because: errorText(error) }
    }
  }

  /** Gives the call up that is under way. */
  cancel(reason?: Error): void {
    this.#controller?.abort(reason)
  }

  async #call(call: Call, options: { readonly signal: AbortSignal; readonly timeoutMs: number }): Promise<LeaseInput> {
    const { register, lease } = this.#options
    if (call.kind === 'read') return { type: 'record', callId: call.id, record: await register.read(lease, options) }
    return { type: 'swap', callId: call.id, result: await register.compareAndSwap(lease, call.expected, call.next, options) }
  }
}
