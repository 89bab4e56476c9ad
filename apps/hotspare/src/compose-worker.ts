import { assertNever, type Clock, type Logger, type Random, type TargetState } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'
import { type AttemptFinishedEvent, createProxy, type Proxy, speaksAgainstTarget } from '@hotspare/proxy'
import type { Config, ListenAddress } from './config/config.ts'
import type { WorkerNews, WorkerOrder, WorkerReport } from './process/messages.ts'
import { createTrafficMetrics } from './traffic-metrics.ts'
import { OutlierTally } from './traffic-outlier-tally.ts'
import { type TrafficEvent, TrafficTally } from './traffic-tally.ts'
import { AsideTeller } from './worker-aside.ts'
import { WorkerPool } from './worker-pool.ts'

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
  const pools = new Map<string, WorkerPool>()
  const poolOf = new Map<string, WorkerPool>()

  // What happened, counted here and told to control.
  const metrics = createTrafficMetrics({
    passive: () => [...pools.values()].flatMap((pool) => (pool.judges ? pool.loads().map((load) => ({ pool: pool.name, ...load })) : [])),
    waiting: () =>
      [...pools.values()].flatMap((pool) => {
        const waiting = pool.waiting()
        return waiting === undefined ? [] : [{ pool: pool.name, waiting }]
      }),
  })
  const record = (event: TrafficEvent) => tell({ type: 'traffic-event', event })
  const tally = new TrafficTally({ clock, record })
  const outliers = new OutlierTally({ clock, record })
  const aside = new AsideTeller({
    clock,
    list: () => [...pools.values()].flatMap((pool) => pool.aside()),
    tell: (targets) => tell({ type: 'targets-aside', targets }),
  })

  // Pools know where a request may go: by the word of control, and by what requests meet.
  for (const poolConfig of config.pools) {
    const told = (event: OutlierEvent) => {
      metrics.countOutlierEvent(event)
      outliers.add(event)
      if (event.type !== 'ejection-withheld') aside.changed()
    }
    const pool = new WorkerPool(poolConfig, { clock, random, logger, told, states })
    pools.set(poolConfig.name, pool)
    for (const { id } of poolConfig.targets) poolOf.set(id, pool)
  }

  const proxies = new Map<string, Proxy>()
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
      if (event.type === 'attempt-finished') attemptFinished(event)
    })
    proxies.set(name, proxy)
  }

  /**
   * An attempt counts twice. Beside its peers, a target may be put aside here at once and for a while; that is nobody
   * else's matter (`traffic-report.ts`). By itself, one that cannot be connected to is reported to control, whose health
   * checks declare it down for everybody after `trafficFailures` such attempts in a row.
   */
  function attemptFinished(event: AttemptFinishedEvent): void {
    const { targetId, failure } = event
    poolOf.get(targetId)?.attemptFinished(event)
    if (!failure) {
      if (answering.has(targetId)) return
      answering.add(targetId)
      tell({ type: 'traffic', targetId, ok: true })
    } else if (speaksAgainstTarget(failure)) {
      answering.delete(targetId)
      tell({ type: 'traffic', targetId, ok: false, detail: `${failure.reason}: ${failure.detail}` })
    }
  }

  /** The targets whose last attempt succeeded: that is told once, and not of every request. */
  const answering = new Set<string>()

  /** The pool knows first; then requests that wait there move. */
  function targetChanged({ targetId, state, downBecause }: Extract<WorkerOrder, { type: 'target-state' }>): void {
    poolOf.get(targetId)?.setState(targetId, state)
    if (downBecause !== undefined) for (const proxy of proxies.values()) proxy.abandon(targetId, downBecause)
  }

  function report(counted: WorkerReport['metrics']): WorkerReport {
    return {
      pools: [...pools].map(([name, pool]) => ({ name, because: pool.because(), loads: pool.loads(), waiting: pool.waiting() })),
      proxies: [...proxies].map(([name, proxy]) => ({ name, active: proxy.active })),
      metrics: counted,
    }
  }

  function answer({ id, withMetrics }: Extract<WorkerOrder, { type: 'report-wanted' }>): void {
    if (!withMetrics) return tell({ type: 'report', id, report: report(undefined) })
    const counting = metrics.collect().catch(() => undefined)
    void counting.then((counted) => tell({ type: 'report', id, report: report(counted) }))
  }

  async function start(sockets: ReadonlyMap<string, object> | undefined): Promise<void> {
    try {
      for (const pool of pools.values()) await pool.start()
      for (const [name, proxy] of proxies) await proxy.start({ socket: sockets?.get(name) })
      // Nobody is put aside yet, whatever the worker before this one has said; and what agents advise, it knew alone.
      aside.changed()
      tell({ type: 'weights-wanted' })
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop(): Promise<void> {
    await Promise.all([...proxies.values()].map((proxy) => proxy.stop()))
    await Promise.all([...pools.values()].map((pool) => pool.stop()))
    aside.stop()
    outliers.flush()
    tally.flush()
    await metrics.stop()
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    start: (sockets) => (starting ??= start(sockets)),
    stop: () => (stopping ??= stop()),
    hear(order) {
      switch (order.type) {
        case 'target-state':
          return targetChanged(order)
        case 'target-weight':
          return poolOf.get(order.targetId)?.setShare(order.targetId, order.weight)
        case 'probe-passed':
          return poolOf.get(order.targetId)?.probePassed(order.targetId)
        case 'report-wanted':
          return answer(order)
        case 'explanation-wanted':
          return tell({ type: 'explanation', id: order.id, explanation: pools.get(order.pool)?.explain(order.key) })
        default:
          return assertNever(order)
      }
    },
    listens: () => new Map([...proxies].flatMap(([name, { address }]) => (address ? [[name, address] as const] : []))),
  }
}
