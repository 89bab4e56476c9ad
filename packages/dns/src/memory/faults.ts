/** What happens to a call, for tests. */
export type MemoryFault =
  /** No answer, and nothing done. */
  | 'unavailable'
  /** Done, and the answer is lost. */
  | 'lost'
  /** No answer at once, and done a while later, when nobody expects it any more. */
  | 'late'
  /** Neither done nor answered until the caller gives up. */
  | 'hang'
  /** Refused, with a second to wait. */
  | 'limited'
  /** Refused, since we are not believed. */
  | 'credentials'

export interface MemoryFaultOptions {
  /** How many calls meet it. Default: 1 */
  readonly times?: number | undefined
  /** Whether it meets changes; default: readings */
  readonly changes?: boolean | undefined
  /** With `late`: how much later it is done, in milliseconds. Default: 1,000 */
  readonly lateMs?: number | undefined
}

/** The faults that are still to come, in order. */
export class FaultQueue {
  readonly #waiting: { readonly fault: MemoryFault; readonly changes: boolean; readonly lateMs: number; times: number }[] = []

  add(fault: MemoryFault, { times = 1, changes = false, lateMs = 1_000 }: MemoryFaultOptions = {}): void {
    this.#waiting.push({ fault, changes, lateMs, times })
  }

  /** What the next call of a kind meets; undefined for nothing. */
  take(changes: boolean): { readonly fault: MemoryFault; readonly lateMs: number } | undefined {
    const next = this.#waiting.find((each) => each.times > 0 && each.changes === changes)
    if (next) next.times -= 1
    return next
  }
}
