import { createPool, type Pool } from '@hotspare/balance'
import type { Clock, Logger, Random, TargetState } from '@hotspare/core'
import { createProxy, type Proxy, speaksAgainstTarget } from '@hotspare/proxy'
import type { Config, ListenAddress, TargetConfig } from './config/config.ts'
import type { WorkerNews, WorkerOrder, WorkerReport } from './process/messages.ts'
import { createTrafficMetrics } from './traffic-metrics.ts'
import { TrafficTally } from './traffic-tally.ts'
import { algorithmFor } from './worker-drivers.ts'

export interface WorkerSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** To control, whoever that is now: what nobody hears is lost. */
  readonly tell: (news: WorkerNews) => void
  /** What was last known of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
}

/** Moves requests. It believes what control tells it, and goes on with the last of it when nobody tells it anything any more. */
export interface Worker {
  /** @param sockets bound ones by the names of the proxies; a proxy without one binds its own */
  start(sockets?: ReadonlyMap<string, object>): Promise<void>
  hear(order: WorkerOrder): void
  /** Drains the proxies. A second call waits for the first. */
  stop(): Promise<void>
  /** Where the proxies listen, once they do. */
  listens(): ReadonlyMap<string, ListenAddress>
}

/** The map of the worker: pools make picks for proxies, and what proxies meet is counted here and told where it matters. */
export function composeWorker(config: Pick<Config, 'pools' | 'proxies'>, surroundings: WorkerSurroundings): Worker {
  const { clock, random, logger, tell, states } = surroundings
  const metrics = createTrafficMetrics()
  const tally = new TrafficTally({ clock, record: (event) => tell({ type: 'traffic-event', event }) })

  const pools = new Map<string, Pool<TargetConfig>>()
  const poolOf = new Map<string, Pool<TargetConfig>>()
  for (const { name, targets, balance } of config.pools) {
    const pool = createPool({ targets, algorithm: algorithmFor(balance, random) })
    pools.set(name, pool)
    for (const { id } of targets) {
      poolOf.set(id, pool)
      const state = states?.get(id)
      if (state) pool.setState(id, state)
    }
  }

  const proxies = new Map<string, Proxy>()
  /** The targets whose last attempt succeeded: that is told once, and not of every request. */
  const answering = new Set<string>()
  for (const { name, listen, pool, attempts, timeouts, forwarded } of config.proxies) {
    const proxy = createProxy({
      ...listen,
      pick: (context) => pools.get(pool)?.pick(context),
      attempts,
      connectTimeoutMs: timeouts.connectMs,
      firstByteTimeoutMs: timeouts.firstByteMs,
      idleTimeoutMs: timeouts.idleMs,
      drainTimeoutMs: timeouts.drainMs,
      forwarded,
      clock,
      logger,
    })
    proxy.subscribe((event) => {
      metrics.countProxyEvent(name, event)
      tally.add(name, event)
      if (event.type !== 'attempt-finished') return
      const { targetId, failure } = event
      if (!failure) {
        if (answering.has(targetId)) return
        answering.add(targetId)
        tell({ type: 'traffic', targetId, ok: true })
      } else if (speaksAgainstTarget(failure)) {
        answering.delete(targetId)
        tell({ type: 'traffic', targetId, ok: false, detail: `${failure.reason}: ${failure.detail}` })
      }
    })
    proxies.set(name, proxy)
  }

  /** The pool knows first; then requests that wait there move. */
  function targetChanged({ targetId, state, downBecause }: Extract<WorkerOrder, { type: 'target-state' }>): void {
    poolOf.get(targetId)?.setState(targetId, state)
    if (downBecause !== undefined) for (const proxy of proxies.values()) proxy.abandon(targetId, downBecause)
  }

  function report(counted: WorkerReport['metrics']): WorkerReport {
    return {
      pools: [...pools].map(([name, pool]) => ({ name, because: pool.explain().because, loads: pool.snapshot() })),
      proxies: [...proxies].map(([name, proxy]) => ({ name, active: proxy.active })),
      metrics: counted,
    }
  }

  async function start(sockets: ReadonlyMap<string, object> | undefined): Promise<void> {
    try {
      for (const [name, proxy] of proxies) await proxy.start({ socket: sockets?.get(name) })
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop(): Promise<void> {
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()))
    tally.flush()
    await metrics.stop()
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    start: (sockets) => (starting ??= start(sockets)),
    stop: () => (stopping ??= stop()),
    hear(order) {
      if (order.type === 'target-state') return targetChanged(order)
      const { id, withMetrics } = order
      if (!withMetrics) return tell({ type: 'report', id, report: report(undefined) })
      const counting = metrics.collect().catch(() => undefined)
      void counting.then((counted) => tell({ type: 'report', id, report: report(counted) }))
    },
    listens: () => new Map([...proxies].flatMap(([name, { address }]) => (address ? [[name, address] as const] : []))),
  }
}
