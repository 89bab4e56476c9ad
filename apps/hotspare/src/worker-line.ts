import { type PickQueue, type Pool, type QueueOutcome, requestKey, type TargetPick } from '@hotspare/balance'
import { assertNever, type Clock, formatDuration } from '@hotspare/core'
import type { PickContext, Picked } from '@hotspare/proxy'
import type { PoolConfig, QueueConfig, TargetConfig } from './config/config.ts'
import { createSticky } from './worker-sticky.ts'

export interface LineOptions {
  readonly config: Pick<PoolConfig, 'name' | 'balance' | 'sticky' | 'targets' | 'queue'>
  readonly pool: Pick<Pool<TargetConfig>, 'pick'>
  /** Where the pool has one. */
  readonly queue: PickQueue<TargetConfig> | undefined
  readonly clock: Clock
}

/** How a request gets its target: by what it is placed by, by where its client was before, and when its turn comes. */
export function createLine({ config, pool, queue, clock }: LineOptions): (context: PickContext) => Picked | Promise<Picked> {
  const { name, balance } = config
  const keyOf = 'key' in balance ? requestKey(balance.key) : undefined
  const sticky = config.sticky && createSticky(config.sticky, name, clock)
  const noRoom = config.targets.some(({ limit }) => limit !== undefined)
    ? { refused: `pool ${name}: no target may be used, or none has room` }
    : undefined

  /** A client that was sent elsewhere, or that we do not know yet, is told where it is. */
  function withCookie(pick: TargetPick<TargetConfig>, before: string | undefined): Picked {
    if (!sticky || pick.target.id === before) return pick
    return { target: pick.target, reason: pick.reason, done: pick.done, setCookie: sticky.cookieFor(pick.target.id) }
  }

  function outcomeOf(outcome: QueueOutcome<TargetConfig>, before: string | undefined): Picked {
    return outcome.ok ? withCookie(outcome.pick, before) : { refused: `pool ${name}: ${refusalOf(outcome.reason, config.queue)}` }
  }

  return (context) => {
    const { request, exclude } = context
    const before = sticky?.targetOf(request)
    const wanted = { exclude, key: keyOf?.(request), sticky: before }
    // Who comes now is behind those who wait.
    const pick = queue && queue.waiting > 0 ? undefined : pool.pick(wanted)
    if (pick) return withCookie(pick, before)
    // The signal is made when it is asked for, and that is here alone.
    return queue ? queue.pick(wanted, { signal: context.signal }).then((outcome) => outcomeOf(outcome, before)) : noRoom
  }
}

function refusalOf(reason: Extract<QueueOutcome<unknown>, { ok: false }>['reason'], queue: QueueConfig | undefined): string {
  const { size = 0, timeoutMs = 0 } = queue ?? {}
  switch (reason) {
    case 'full':
      return `the queue is full: ${size} wait for a target already`
    case 'timeout':
      return `no target became free within ${formatDuration(timeoutMs)}`
    case 'closed':
      return 'the proxy stops'
    default:
      return assertNever(reason)
  }
}
