import { type Clock, systemClock } from '@hotspare/core'

/**
 * Numbers that only grow: peers drop a beat of the same session whose number is not above all that they have seen. Over restarts
 * they should grow too: between sessions of which none has answered yet, a peer takes the higher number for the later one.
 *
 * All stores begin no lower than the wall clock's milliseconds. Beats are sent more slowly than milliseconds pass, so a
 * store that was lost or set back (a new disk, a virtual machine's old snapshot) still continues above everything it
 * ever gave out, as long as the wall clock is not wrong too.
 */
export interface CounterStore {
  /** Makes ready. Once; before `next`. */
  open(options?: CounterOpenOptions): Promise<void>
  /** The next number, at once: one more than the last. */
  next(): number
  /** Why numbers are given out that are not safe on disk, or undefined. */
  problem(): string | undefined
  close(): Promise<void>
}

export interface CounterOpenOptions {
  readonly signal?: AbortSignal | undefined
  /** Only numbers above it are given out. Default: 0 */
  readonly above?: number | undefined
}

/**
 * A counter that relies on the wall clock alone. After a restart under a clock that went back, numbers are lower than before: a peer
 * that knew the former session takes the new one all the same, as soon as it answers.
 */
export function memoryCounter({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): CounterStore {
  let last = 0
  return {
    async open({ above = 0 } = {}) {
      last = Math.max(last, above, Math.floor(clock.wallMs()))
    },
    next: () => (last += 1),
    problem: () => undefined,
    async close() {},
  }
}
