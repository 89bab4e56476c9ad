import { type Clock, withDeadline } from '@hotspare/core'
import { type LeaseHandover, readInvitation } from './handover-message.ts'
import type { Heir, Right } from './state.ts'

/** The right to act, from its grant to its end. It is renewed in the background. */
export interface HeldLease {
  /** Grows with every grant; goes with each action, so that an actuator can refuse an older one. */
  readonly token: number
  /** Until when it is ours, in milliseconds of the clock's `monotonicMs`; moves on with each renewal. */
  readonly deadlineMs: number
  /** Aborts when the right has ended. A busy process may learn it late: look at `isValid()` before each action. */
  readonly signal: AbortSignal
  /** Whether we may act at this moment, by all clocks; false after a gap in time until the register has confirmed it. */
  isValid(): boolean
  /**
   * Asks the register whether the right was still ours after this call; for a last look after an action.
   *
   * @returns false when it has ended, or when nothing was heard within the deadline of two calls
   */
  confirm(options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>
  /**
   * Ends the right here, then gives it back in the register, so that another takes over without waiting.
   *
   * @param options a `signal` that aborts ends the wait for the register
   * @returns whether the register has confirmed it within the deadline of two calls; if not, others wait for a ttl
   */
  release(options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>
  /**
   * Hands the right over to whoever has given out an invitation (`lease.invite()`), without a call to the register: it ends here, and
   * goes on there with `lease.acquire({ handover })`. Where that is never called, others have to wait for a ttl.
   *
   * It waits for a call that is under way, and so for that call's deadline at most; it takes no signal, since nobody would have the right
   * that was handed over to nobody.
   *
   * @param options `ageMs`: how old the invitation may be, in milliseconds (0)
   * @returns what the heir has to accept, as JSON; undefined when the right cannot be handed over and stays ours, or has ended: an
   * unanswered call may still change the record, or the right ends too soon
   */
  handOver(invitation: unknown, options?: { readonly ageMs?: number | undefined }): Promise<LeaseHandover | undefined>
}

/** What a right needs of the lease that it belongs to. */
export interface RightSource {
  readonly clock: Clock
  /** Looks at the clocks first. */
  readonly current: () => Right | undefined
  readonly renew: () => void
  readonly release: (signal: AbortSignal | undefined) => Promise<boolean>
  readonly handOver: (heir: Heir) => Promise<LeaseHandover | undefined>
  readonly confirmTimeoutMs: number
}

interface Question {
  readonly askedAtMs: number
  readonly answer: (confirmed: boolean) => void
}

export class HeldRight implements HeldLease {
  readonly token: number
  readonly #source: RightSource
  readonly #controller = new AbortController()
  readonly #questions = new Set<Question>()
  #deadlineMs = 0

  constructor(token: number, source: RightSource) {
    this.token = token
    this.#source = source
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get deadlineMs(): number {
    const right = this.#source.current()
    if (right) this.#deadlineMs = right.deadlineMs
    return this.#deadlineMs
  }

  isValid(): boolean {
    return this.#source.current()?.confirmed === true
  }

  async confirm({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    if (!this.#source.current()) return false
    const { clock, confirmTimeoutMs } = this.#source
    const askedAtMs = clock.monotonicMs()
    let question: Question | undefined
    try {
      return await withDeadline(
        'lease: confirmation',
        confirmTimeoutMs,
        () =>
          new Promise<boolean>((answer) => {
            question = { askedAtMs, answer }
            this.#questions.add(question)
            this.#source.renew()
          }),
        { signal, clock },
      )
    } catch (error) {
      if (signal?.aborted) throw error
      return false
    } finally {
      if (question) this.#questions.delete(question)
    }
  }

  async release({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    return this.#source.current() ? this.#source.release(signal) : false
  }

  async handOver(invitation: unknown, { ageMs = 0 }: { readonly ageMs?: number | undefined } = {}): Promise<LeaseHandover | undefined> {
    const id = readInvitation(invitation)?.id
    if (id === undefined || !this.#source.current()) return undefined
    return this.#source.handOver({ invitation: id, ageMs })
  }

  renewed(startedAtMs: number): void {
    for (const question of this.#questions) {
      if (startedAtMs < question.askedAtMs) continue
      this.#questions.delete(question)
      question.answer(true)
    }
    if (this.#questions.size > 0) this.#source.renew()
  }

  end(reason: Error): void {
    this.#deadlineMs = Math.min(this.#deadlineMs, this.#source.clock.monotonicMs())
    this.#controller.abort(reason)
    for (const { answer } of this.#questions) answer(false)
  }
}
