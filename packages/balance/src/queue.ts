import { abortReason, type Clock, systemClock, type Timer } from '@hotspare/core'
import { misuse, refuseUnknown, requireMethod } from './errors.ts'
import type { Pool } from './pool.ts'
import type { PickContext, PoolTarget, TargetPick } from './target.ts'

export interface QueueOptions {
  /** How many may wait at once: a whole number, 0 or more. */
  readonly size: number
  /** How long one waits at most, in milliseconds: more than 0. */
  readonly timeoutMs: number
  /** Default: the machine's clock */
  readonly clock?: Clock | undefined
}

/** `full`: too many wait already; `timeout`: nobody became free in time; `closed`: the queue was closed. */
export type QueueOutcome<Target> =
  | { readonly ok: true; readonly pick: TargetPick<Target> }
  | { readonly ok: false; readonly reason: 'full' | 'timeout' | 'closed' }

/** Waits for a target of a pool where none can be picked: all are full, or none is there. */
export interface PickQueue<Target> {
  /**
   * Picks at once where nobody waits and a target is free, and else when its turn comes: first come, first served.
   *
   * @throws the reason of the signal, when it is aborted; the turn is then given up
   */
  pick(context?: PickContext, options?: { readonly signal?: AbortSignal | undefined }): Promise<QueueOutcome<Target>>
  /** How many wait now. */
  readonly waiting: number
  /** Sends away who waits, and who comes. */
  close(): void
}

interface Waiter<Target> {
  readonly context: PickContext | undefined
  readonly settle: (outcome: QueueOutcome<Target>) => void
}

/**
 * A bounded queue in front of a pool whose targets have a `limit`. Who is served gets the slot that became free; picks
 * that go past the queue may take it first.
 *
 * @throws HotspareError `HOTSPARE_BALANCE_OPTIONS`
 */
export function createQueue<Target extends PoolTarget>(pool: Pool<Target>, options: QueueOptions): PickQueue<Target> {
  refuseUnknown('queue', options, ['size', 'timeoutMs', 'clock'])
  const { size, timeoutMs, clock = systemClock } = options
  if (!Number.isSafeInteger(size) || size < 0) throw misuse(`queue: size is ${size}: write a whole number, 0 or more`)
  if (!(timeoutMs > 0 && Number.isFinite(timeoutMs))) throw misuse(`queue: timeoutMs is ${timeoutMs}: write milliseconds, more than 0`)
  requireMethod('queue', 'clock', clock, 'schedule')
  // In the order in which they came.
  const waiters = new Set<Waiter<Target>>()
  let isClosed = false

  function serve(): void {
    for (const waiter of waiters) {
      const pick = pool.pick(waiter.context)
      if (!pick) return
      waiter.settle({ ok: true, pick })
    }
  }
  const unwatch = pool.watch(serve)

  function wait(context: PickContext | undefined, signal: AbortSignal | undefined): Promise<QueueOutcome<Target>> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        waiters.delete(waiter)
        timer.cancel()
        signal?.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        leave()
        reject(abortReason(signal))
      }
      const settle = (outcome: QueueOutcome<Target>): void => {
        leave()
        resolve(outcome)
      }
      const waiter: Waiter<Target> = { context, settle }
      const timer: Timer = clock.schedule(timeoutMs, () => settle({ ok: false, reason: 'timeout' }))
      signal?.addEventListener('abort', abort, { once: true })
      waiters.add(waiter)
    })
  }

  return {
    async pick(context, { signal } = {}) {
      if (signal?.aborted) throw abortReason(signal)
      if (isClosed) return { ok: false, reason: 'closed' }
      const pick = waiters.size === 0 ? pool.pick(context) : undefined
      if (pick) return { ok: true, pick }
      return waiters.size < size ? wait(context, signal) : { ok: false, reason: 'full' }
    },
    get waiting() {
      return waiters.size
    },
    close() {
      isClosed = true
      unwatch()
      for (const { settle } of waiters) settle({ ok: false, reason: 'closed' })
    },
  }
}
