import type { Alerter } from '@hotspare/alert'
import type { Status, TargetExplanation, TargetStatus } from '@hotspare/api'
import type { TargetSnapshot } from '@hotspare/balance'
import type { ApiBackend } from './api-server.ts'
import type { ClusterControl } from './cluster/control/part.ts'
import { formatListen } from './config/addresses.ts'
import { objectionToDrain } from './drain-room.ts'
import { frontOf, poolsOf } from './config/config-routes.ts'
import type { Config, ListenAddress, PoolConfig, TargetConfig } from './config/config.ts'
import type { ControlDns } from './dns/control-dns.ts'
import { dnsRecordGauges } from './dns/metrics.ts'
import type { Engines } from './engines/engines.ts'
import type { MaintenanceDesk } from './maintenance-desk.ts'
import type { Gauges } from './metrics.ts'
import type { ProcessFacts, WorkerExplanation } from './process/messages.ts'
import type { TargetBoard } from './target-board.ts'
import { explainPool } from './pool-explanation.ts'
import { ownUsage } from './process/usage.ts'
import type { TargetAside } from './traffic-aside.ts'
import type { Causes } from './watch/causes.ts'
import type { WatchAnswers } from './watch/backend.ts'
import { unreachableOf } from './watch/explanation.ts'
import { watchGauges } from './watch/gauges.ts'
import type { Standing } from './watch/standings.ts'
import type { Watch } from './watch/watch.ts'
import type { WorkerReports } from './worker-reports.ts'

export interface BackendParts {
  readonly config: Config
  readonly version: string
  readonly startedAt: number
  readonly board: TargetBoard
  readonly watch: Watch
  /** Undefined where nothing leans on anything. */
  readonly causes: Causes | undefined
  readonly watchAnswers: Pick<WatchAnswers, 'checks' | 'explain'>
  readonly reports: Pick<WorkerReports, 'ask' | 'last'>
  /** Asks the worker where the requests of a pool go; undefined where it does not answer. */
  readonly explainPool: (pool: string, key: string | undefined) => Promise<WorkerExplanation | undefined>
  /** Where the proxies really listen: the file may have asked for any free port. */
  readonly listens: () => ReadonlyMap<string, ListenAddress>
  /** Undefined where everything is one process. */
  readonly processes: () => readonly ProcessFacts[] | undefined
  /** Whether a control before this one has told the worker that a target is up. */
  readonly wasUp: (targetId: string) => boolean
  /** Whether and until when the worker has put a target aside. */
  readonly ejectionOf: (targetId: string) => TargetAside | undefined
  readonly alerter: Alerter
  readonly maintenance: Pick<MaintenanceDesk, 'get' | 'isFromFile' | 'set' | 'end'>
  readonly engines: Pick<Engines, 'status' | 'gauges'>
  /** Undefined where no record answers at a provider. */
  readonly dns: Pick<ControlDns, 'snapshot'> | undefined
  /** Undefined where the daemon is no node of a cluster. */
  readonly cluster?: Pick<ClusterControl, 'status' | 'notReady'> | undefined
  readonly metrics: () => Promise<string>
}

/** Answers what people ask, from the parts that know. */
export interface Backend extends ApiBackend {
  readonly gauges: Gauges
  /** Set while the daemon stops: it is then not ready any more. */
  stopping: boolean
}

export function createBackend(parts: BackendParts): Backend {
  const { config, board, watch, causes, reports, alerter } = parts

  const reportOf = (pool: string) => reports.last?.pools.find(({ name }) => name === pool)
  const activeOf = (proxy: string) => reports.last?.proxies.find(({ name }) => name === proxy)?.active ?? 0

  /** With the loads that the worker reported last. */
  function targetStatuses(pool: PoolConfig): TargetStatus[] {
    const loads = new Map(reportOf(pool.name)?.loads.map((load) => [load.id, load]))
    return pool.targets.map((target) => targetStatus(target, loads.get(target.id)))
  }

  function targetStatus(target: TargetConfig, load: TargetSnapshot | undefined): TargetStatus {
    const known = board.get(target.id)
    const { state, since, because } = known?.verdict ?? { state: 'unknown', since: parts.startedAt, because: 'nobody looks at it' }
    const { id, name, url, tier, weight } = target
    const standing = watch.standings.get(id)
    return {
      id,
      name,
      url,
      tier,
      weight,
      state,
      since,
      because,
      active: load?.active ?? 0,
      picks: load?.picks ?? 0,
      asks: wishOf(standing),
      warning: standing?.warning,
      unreachable: unreachableOf(causes?.meaningOf(id)),
      ejected: parts.ejectionOf(id),
    }
  }

  function find(targetId: string): TargetStatus | undefined {
    const pool = config.pools.find(({ targets }) => targets.some(({ id }) => id === targetId))
    return pool && targetStatuses(pool).find(({ id }) => id === targetId)
  }

  /** By what is under way at this moment. */
  async function objection(targetId: string): Promise<string | undefined> {
    const pool = config.pools.find(({ targets }) => targets.some(({ id }) => id === targetId))
    if (!pool) return undefined
    await reports.ask({ withMetrics: false })
    const limits = new Map(pool.targets.map(({ id, limit }) => [id, limit]))
    return objectionToDrain(
      targetStatuses(pool).map((each) => ({ ...each, limit: limits.get(each.id) })),
      targetId,
    )
  }

  /** Why nothing is known of where its requests go. */
  const silence = (pool: string) =>
    config.proxies.some((proxy) => poolsOf(proxy).includes(pool))
      ? 'the worker has not answered yet'
      : (parts.engines.status().find((engine) => engine.pool === pool)?.because ?? 'no proxy uses it')

  function notReady(): string[] {
    if (backend.stopping) return ['it is stopping']
    const worker = parts.processes()?.find(({ name }) => name === 'worker')
    if (worker && worker.pid === undefined) return [`the worker is started again: ${worker.because ?? 'it has ended'}`]
    const targets = board.list()
    const cluster = parts.cluster?.notReady() ?? []
    const pools = config.pools.flatMap(({ name }) => {
      const unknown = targets.filter((target) => target.pool === name && target.health.state === 'unknown')
      // The worker serves on by what the control before has said, while this one looks for itself; and a new target takes nothing away.
      if (unknown.some(({ id }) => parts.wasUp(id))) return []
      const goesOn =
        board.isServed(name) && config.pools.some((pool) => pool.name === name && pool.targets.some(({ id }) => parts.wasUp(id)))
      if (unknown.length > 0 && !goesOn) return [`pool ${name}: ${unknown.length} of its targets have not been judged yet`]
      return board.isServed(name) ? [] : [`pool ${name}: no target is up`]
    })
    return [...cluster, ...pools]
  }

  const backend: Backend = {
    stopping: false,
    notReady,
    async status(): Promise<Status> {
      await reports.ask({ withMetrics: false })
      const reasons = notReady()
      return {
        node: config.node,
        version: parts.version,
        startedAt: parts.startedAt,
        ready: reasons.length === 0,
        notReady: reasons,
        pools: config.pools.map((pool) => ({
          name: pool.name,
          balance: pool.balance.algorithm,
          because: reportOf(pool.name)?.because ?? silence(pool.name),
          targets: targetStatuses(pool),
          waiting: reportOf(pool.name)?.waiting,
          maintenance: parts.maintenance.get(pool.name),
        })),
        proxies: config.proxies.map(({ name, listen, ...rest }) => {
          return { name, pool: frontOf(rest), listen: formatListen(parts.listens().get(name) ?? listen), active: activeOf(name) }
        }),
        engines: config.engines.length === 0 ? undefined : parts.engines.status(),
        checks: parts.watchAnswers.checks(),
        observer: watch.monitor.observer,
        alerts: { pending: alerter.pending() },
        cluster: parts.cluster?.status(),
        processes: parts.processes()?.map(({ name, pid, since, restarts, because }) => ({ name, pid, since, restarts, because })),
      }
    },
    async explain(targetId): Promise<TargetExplanation | undefined> {
      await reports.ask({ withMetrics: false })
      const target = find(targetId)
      const explained = parts.watchAnswers.explain(targetId)
      if (!target || !explained) return undefined
      const admin = board.get(targetId)?.admin
      const taken = admin
        ? [`${targetId} is ${admin.state} since ${new Date(admin.since).toISOString()}: ${admin.because}; its health:`]
        : []
      return {
        target,
        ...explained,
        text: [...taken, ...asideLines(parts.ejectionOf(targetId)), ...explained.text],
        counters: explained.explanation.counters,
      }
    },
    poolNames: () => config.pools.map(({ name }) => name),
    async explainPool(name, key) {
      const pool = config.pools.find((each) => each.name === name)
      const explained = await parts.explainPool(name, key)
      if (!pool || !explained) return `pool ${name}: ${silence(name)}`
      return explainPool({ pool, key, explained, becauseOf: (id) => board.get(id)?.verdict.because })
    },
    setMaintenance(name, word) {
      const { maintenance } = parts
      if (maintenance.isFromFile(name))
        return `the file has pool ${name} in maintenance: change it there, and have it followed with \`hotspare reload\``
      if (word) maintenance.set(name, word.because, word.forMs)
      else maintenance.end(name, 'ended through the API')
      return { pool: name, maintenance: maintenance.get(name) }
    },
    async setDrained(targetId, drained, { force }) {
      if (drained && !force) {
        const refused = await objection(targetId)
        if (refused !== undefined) return { refused }
      }
      board.setAdmin(
        targetId,
        drained ? 'draining' : undefined,
        drained ? 'drained through the API' : 'the drain was taken back through the API',
      )
      await reports.ask({ withMetrics: false })
      return find(targetId)
    },
    targetIds: () => board.list().map(({ id }) => id),
    metrics: parts.metrics,
    gauges: {
      ...watchGauges(watch, causes),
      ...parts.engines.gauges,
      ...dnsRecordGauges(() => parts.dns?.snapshot()),
      checks: new Set(config.checks.map(({ name }) => name)),
      targets: () =>
        config.pools.flatMap((pool) =>
          targetStatuses(pool).map(({ id, state, active }) => {
            return { pool: pool.name, target: id, state, up: state === 'up' || state === 'degraded', active }
          }),
        ),
      proxies: () => config.proxies.map(({ name }) => ({ proxy: name, active: activeOf(name) })),
      alertsPending: () => alerter.pending(),
      processes: () =>
        (parts.processes() ?? [{ name: 'all', usage: ownUsage() }]).flatMap(({ name, usage }) =>
          usage ? [{ process: name, ...usage }] : [],
        ),
    },
  }
  return backend
}

/** That its requests go elsewhere, which says nothing of its health. */
function asideLines(aside: TargetAside | undefined): readonly string[] {
  if (!aside) return []
  const { targetId, state, since, until, because } = aside
  const what = state === 'ejected' ? 'is put aside' : 'is left alone'
  return [`${targetId} ${what} since ${new Date(since).toISOString()}, until ${new Date(until).toISOString()}: ${because}; its health:`]
}

/** What a target asks for itself; nothing where that is nothing out of the ordinary. */
function wishOf(standing: Standing | undefined): TargetStatus['asks'] {
  const { wish, weight = 1 } = standing ?? {}
  return wish || weight !== 1 ? { admin: wish, weight } : undefined
}
