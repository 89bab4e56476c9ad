import { type Clock, errorText, withDeadline } from '@hotspare/core'
import { toRecord } from './record.ts'
import type { LeaseRecord, LeaseRegister } from './register.ts'
import type { Call, LeaseInput } from './state.ts'

export interface RegisterAskerOptions {
  readonly register: LeaseRegister
  readonly lease: string
  readonly callTimeoutMs: number
  readonly clock: Clock
}

/** A driver may be anybody's: what it returns decides who may act, and is looked at before it does. */
function checked(record: LeaseRecord | null, where: string): LeaseRecord | null {
  return record === null ? null : toRecord(record, where)
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
    const where = `${register.description}: ${lease}`
    if (call.kind === 'read') return { type: 'record', callId: call.id, record: checked(await register.read(lease, options), where) }
    // What could not be read back must not be written.
    const next = toRecord(call.next, where)
    const result = await register.compareAndSwap(lease, call.expected, next, options)
    return { type: 'swap', callId: call.id, result: result.swapped ? result : { swapped: false, current: checked(result.current, where) } }
  }
}
