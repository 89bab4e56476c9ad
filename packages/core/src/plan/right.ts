/**
 * The right to act, as a lease grants it. Every actuator is given it and looks at it right before it acts; one that can
 * compare tokens refuses an older one.
 */
export interface Right {
  /** Grows with every grant: the fencing token. */
  readonly token: number
  /** Until when it lasts unless it is renewed, in milliseconds of the clock's `monotonicMs`; moves on with each renewal. */
  readonly deadlineMs: number
  /** Aborts when it has ended; a busy process may learn that late. */
  readonly signal: AbortSignal
  /** Whether we may act at this moment. */
  isValid(): boolean
  /** Asks once more, for a last look after an action. @returns whether it was still ours after this call */
  confirm(options?: { readonly signal?: AbortSignal | undefined }): Promise<boolean>
}
