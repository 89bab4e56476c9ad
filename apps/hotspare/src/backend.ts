import type { Alerter } from '@hotspare/alert'
import type { Status, TargetExplanation, TargetStatus } from '@hotspare/api'
import type { Pool, TargetSnapshot } from '@hotspare/balance'
import { explain, type HealthMonitor } from '@hotspare/health'
import type { ApiBackend } from './api-server.ts'
import type { NamedProxy } from './compose.ts'
import { formatListen } from './config/addresses.ts'
import type { Config, PoolConfig, TargetConfig } from './config/config.ts'
import type { Gauges } from './metrics.ts'
import type { TargetBoard } from './target-board.ts'

export interface BackendParts {
  readonly config: Config
  readonly version: string
  readonly startedAt: number
  readonly board: TargetBoard
  readonly monitor: HealthMonitor
  readonly pools: ReadonlyMap<string, Pool<TargetConfig>>
  readonly proxies: readonly NamedProxy[]
  readonly alerter: Alerter
  readonly metrics: () => Promise<string>
}

/** Answers what people ask, from the parts that know. */
export interface Backend extends ApiBackend {
  readonly gauges: Gauges
  /** Set while the daemon stops: it is then not ready any more. */
  stopping: boolean
}

export function createBackend(parts: BackendParts): Backend {
  const { config, board, monitor, pools, proxies, alerter } = parts

  function targetStatuses(pool: PoolConfig): TargetStatus[] {
    const loads = new Map(
      pools
        .get(pool.name)
        ?.snapshot()
        .map((load) => [load.id, load]),
    )
    return pool.targets.map((target) => targetStatus(target, loads.get(target.id)))
  }

  function targetStatus(target: TargetConfig, load: TargetSnapshot | undefined): TargetStatus {
    const known = board.get(target.id)
    const { state, since, because } = known?.verdict ?? { state: 'unknown', since: parts.startedAt, because: 'nobody looks at it' }
    const { id, name, url, tier, weight } = target
    return { id, name, url, tier, weight, state, since, because, active: load?.active ?? 0, picks: load?.picks ?? 0 }
  }

  function find(targetId: string): TargetStatus | undefined {
    const pool = config.pools.find(({ targets }) => targets.some(({ id }) => id === targetId))
    return pool && targetStatuses(pool).find(({ id }) => id === targetId)
  }

  function notReady(): string[] {
    if (backend.stopping) return ['it is stopping']
    const targets = board.list()
    return config.pools.flatMap(({ name }) => {
      const unknown = targets.filter((target) => target.pool === name && target.health.state === 'unknown').length
      if (unknown > 0) return [`pool ${name}: ${unknown} of its targets have not been judged yet`]
      return board.isServed(name) ? [] : [`pool ${name}: no target is up`]
    })
  }

  const backend: Backend = {
    stopping: false,
    status(): Status {
      const reasons = notReady()
      return {
        node: config.node,
        version: parts.version,
        startedAt: parts.startedAt,
        ready: reasons.length === 0,
        notReady: reasons,
        pools: config.pools.map((pool) => ({
          name: pool.name,
          balance: pool.balance,
          because: pools.get(pool.name)?.explain().because ?? '',
          targets: targetStatuses(pool),
        })),
        proxies: proxies.map(({ name, pool, listen, proxy }) => {
          // Where it really listens: the file may have asked for any free port.
          return { name, pool, listen: proxy.address ? formatListen(proxy.address) : listen, active: proxy.active }
        }),
        alerts: { pending: alerter.pending() },
      }
    },
    explain(targetId): TargetExplanation | undefined {
      const target = find(targetId)
      const health = monitor.get(targetId)
      if (!target || !health) return undefined
      const admin = board.get(targetId)?.admin
      const taken = admin
        ? [`${targetId} is ${admin.state} since ${new Date(admin.since).toISOString()}: ${admin.because}; its health:`]
        : []
      const history = health.history.map(({ at, result }) => ({
        at,
        outcome: result.outcome,
        reason: result.outcome === 'fail' ? result.reason : undefined,
        detail: result.detail,
        durationMs: result.durationMs,
      }))
      return { target, text: [...taken, ...explain(health)], history, counters: health.counters }
    },
    setDrained(targetId, drained) {
      board.setAdmin(
        targetId,
        drained ? 'draining' : undefined,
        drained ? 'drained through the API' : 'the drain was taken back through the API',
      )
      return find(targetId)
    },
    targetIds: () => board.list().map(({ id }) => id),
    metrics: parts.metrics,
    gauges: {
      targets: () =>
        config.pools.flatMap((pool) =>
          targetStatuses(pool).map(({ id, state, active }) => {
            return { pool: pool.name, target: id, state, up: state === 'up' || state === 'degraded', active }
          }),
        ),
      proxies: () => proxies.map(({ name, proxy }) => ({ proxy: name, active: proxy.active })),
      alertsPending: () => alerter.pending(),
    },
  }
  return backend
}
