import { type Clock, systemClock } from './clock.ts'
import { HotspareError } from './errors.ts'

/** What `withDeadline` and `sleep` take besides the work. */
export interface WaitOptions {
  /** Ends the wait early. */
  readonly signal?: AbortSignal | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
}

/** @returns an error that says what took longer than `timeoutMs` milliseconds; retryable */
export function timeoutError(what: string, timeoutMs: number): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_CORE_TIMEOUT', message: `${what}: no answer within ${timeoutMs} ms`, retryable: true })
}

/**
 * Runs `work` with a signal that aborts after `timeoutMs` milliseconds or with the caller's own signal.
 * It settles at the deadline even when `work` ignores its signal; what `work` does later, a rejection included, is ignored.
 *
 * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` at the deadline; the caller's abort reason; whatever `work` throws
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  options: WaitOptions = {},
): Promise<T> {
  const { signal, clock = systemClock } = options
  if (signal?.aborted) throw abortReason(signal)
  const controller = new AbortController()
  const timer = clock.schedule(timeoutMs, () => controller.abort(timeoutError(what, timeoutMs)))
  const forward = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', forward, { once: true })
  let giveUp: (() => void) | undefined
  try {
    return await new Promise<T>((resolve, reject) => {
      giveUp = () => reject(abortReason(controller.signal))
      // Listens before the work starts: the abort may come while the work is only starting, and the reason for
      // the abort is the answer, not what the work makes of it ("socket closed").
      controller.signal.addEventListener('abort', giveUp, { once: true })
      work(controller.signal).then(resolve, reject)
    })
  } finally {
    timer.cancel()
    signal?.removeEventListener('abort', forward)
    if (giveUp) controller.signal.removeEventListener('abort', giveUp)
  }
}

/**
 * Resolves after `delayMs` milliseconds.
 *
 * @throws the reason of `signal` when it aborts first
 */
export function sleep(delayMs: number, options: WaitOptions = {}): Promise<void> {
  const { signal, clock = systemClock } = options
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortReason(signal))
    const onAbort = () => {
      timer.cancel()
      reject(abortReason(signal))
    }
    const timer = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** @returns why `signal` aborted; a reason that is no error is wrapped into one */
export function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new HotspareError({ code: 'HOTSPARE_CORE_ABORTED', message: `aborted: ${String(reason)}` })
}
