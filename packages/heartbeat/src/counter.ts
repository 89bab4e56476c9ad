import { type Clock, systemClock } from '@hotspare/core'

/**
 * Numbers that only grow, over restarts too: peers drop a beat whose number is not above all that they have seen.
 *
 * All stores begin no lower than the wall clock's milliseconds. Beats are sent more slowly than milliseconds pass, so a
 * store that was lost or set back (a new disk, a virtual machine's old snapshot) still continues above everything it
 * ever gave out, as long as the wall clock is not wrong too.
 */
export interface CounterStore {
  /** Makes ready. Once; before `next`. */
  open(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>
  /** The next number, at once. */
  next(): number
  /** Why numbers are given out that are not safe on disk, or undefined. */
  problem(): string | undefined
  close(): Promise<void>
}

/**
 * A counter that relies on the wall clock alone. After a restart under a clock that went back, peers ignore this node
 * until the clock has passed where it was, or they restart.
 */
export function memoryCounter({ clock = systemClock }: { readonly clock?: Clock | undefined } = {}): CounterStore {
  let last = 0
  return {
    async open() {
      last = Math.max(last, Math.floor(clock.wallMs()))
    },
    next: () => (last += 1),
    problem: () => undefined,
    async close() {},
  }
}
