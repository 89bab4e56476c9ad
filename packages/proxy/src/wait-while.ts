import { type Clock, sleep } from '@hotspare/core'

/** How often a draining proxy looks whether the last one is through. */
const LOOK_MS = 20

export interface WaitOptions {
  readonly clock: Clock
  readonly longestMs: number
  /** Ends the waiting at once. */
  readonly signal: AbortSignal | undefined
}

/** Waits for as long as something is so, and no longer than it may. */
export async function waitWhile(isSo: () => boolean, { clock, longestMs, signal }: WaitOptions): Promise<void> {
  const deadlineMs = clock.monotonicMs() + longestMs
  const mayWait = () => signal?.aborted !== true && clock.monotonicMs() < deadlineMs
  while (isSo() && mayWait()) await sleep(LOOK_MS, { clock, signal }).catch(() => {})
}
