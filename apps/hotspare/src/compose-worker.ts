import { assertNever, type Clock, type Logger, type Random, type TargetState } from '@hotspare/core'
import type { OutlierEvent } from '@hotspare/health/outliers'
import { accessLine } from '@hotspare/proxy/access-log'
import { type AttemptFinishedEvent, createProxy, type Proxy, type ServerCertificate, speaksAgainstTarget } from '@hotspare/proxy'
import type { TcpProxy, TcpProxyEvent } from '@hotspare/proxy/tcp'
import { AccessLogFile } from './access-log-file.ts'
import { CertificateWatch, tlsOptions } from './certificate-watch.ts'
import type { Config, ListenAddress } from './config/config.ts'
import { openWorkerDns, type WorkerDns } from './dns/worker-dns.ts'
import type { WorkerNews, WorkerOrder, WorkerReport } from './process/messages.ts'
import { createTrafficMetrics } from './traffic-metrics.ts'
import { OutlierTally } from './traffic-outlier-tally.ts'
import { type TrafficEvent, TrafficTally } from './traffic-tally.ts'
import { AsideTeller } from './worker-aside.ts'
import { WorkerMaintenance } from './worker-maintenance.ts'
import { WorkerPool } from './worker-pool.ts'
import { createFront, type FrontOptions } from './worker-routes.ts'
import { tcpFront } from './worker-tcp.ts'

export interface WorkerSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** To control, whoever that is now: what nobody hears is lost. */
  readonly tell: (news: WorkerNews) => void
  /** What was last known of each target. */
  readonly states?: ReadonlyMap<string, TargetState> | undefined
  /** What TLS sessions are sealed with: workers that have the same take each other's up. Default: random ones */
  readonly ticketKeys?: Uint8Array | undefined
  /** What was shown before, by proxy: for files that cannot be used any more. Default: without usable files it does not start */
  readonly certificates?: ReadonlyMap<string, readonly ServerCertificate[]> | undefined
  /** Hears what a proxy shows, from its start on. */
  readonly shown?: ((proxy: string, certificates: readonly ServerCertificate[]) => void) | undefined
}

export interface WorkerStopOptions {
  /** The proxies whose port another process listens on already. Default: none */
  readonly handedOver?: readonly string[] | undefined
  /** Ends the drain at once. */
  readonly signal?: AbortSignal | undefined
}

/** Moves requests. It believes what control tells it, and goes on with the last of it when nobody tells it anything any more. */
export interface Worker {
  /** @param sockets bound ones by the names of the proxies; a proxy without one binds its own */
  start(sockets?: ReadonlyMap<string, object>): Promise<void>
  hear(order: WorkerOrder): void
  /** Drains the proxies. A second call waits for the first. */
  stop(options?: WorkerStopOptions): Promise<void>
  /** Where the proxies listen, once they do. */
  listens(): ReadonlyMap<string, ListenAddress>
  /** Where names are answered, once they are. */
  answersAt(): readonly ListenAddress[]
}

/** The map of the worker: pools make picks for proxies, and what proxies meet is counted here and told where it matters. */
export function composeWorker(config: Pick<Config, 'pools' | 'proxies' | 'dns'>, surroundings: WorkerSurroundings): Worker {
  const { clock, random, logger, tell, states, ticketKeys, certificates: before, shown = () => {} } = surroundings
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
    poolOf: (targetId) => poolOf.get(targetId)?.name,
    connections: () => [
      ...[...proxies].map(([proxy, { connections }]) => ({ proxy, connections })),
      ...[...tcpProxies].map(([proxy, { active }]) => ({ proxy, connections: active })),
    ],
    accessLogs: () => [...accessLogs.values()].map(({ file, lines, dropped }) => ({ file, lines, dropped })),
    certificates: () =>
      [...proxies].flatMap(([proxy, { certificates }]) =>
        certificates.map(({ names: [name = ''], notAfter }) => ({ proxy, name, notAfter })),
      ),
    dns: () => dns?.stats(),
    clock,
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

  // One for each file, however many proxies write there.
  const accessLogs = new Map(
    config.proxies.flatMap(({ accessLog }) =>
      accessLog ? [[accessLog.file, new AccessLogFile({ file: accessLog.file, clock, logger })] as const] : [],
    ),
  )

  const proxies = new Map<string, Proxy>()
  const tcpProxies = new Map<string, TcpProxy>()
  const certificates = new Map<Proxy, CertificateWatch>()
  const maintenance = new WorkerMaintenance(config.pools, clock)
  for (const proxyConfig of config.proxies) {
    const { name, listen, attempts, timeouts, forwarded, limits, accessLog, tls } = proxyConfig
    const watch =
      tls && new CertificateWatch({ proxy: name, tls, before: before?.get(name), clock, record, shown: (list) => shown(name, list) })
    const pickIn: FrontOptions['pickIn'] = (pool, context) => pools.get(pool)?.pick(context)
    if (proxyConfig.tcp) {
      const told = (event: TcpProxyEvent) => {
        metrics.countTcpEvent(name, event)
        tally.addTcp(name, event)
      }
      const front = { proxy: { ...proxyConfig, tcp: proxyConfig.tcp }, pickIn, maintenance, told, attemptFinished, clock, logger }
      tcpProxies.set(name, tcpFront(front))
      continue
    }
    const proxy = createProxy({
      ...listen,
      ...createFront({ proxy: proxyConfig, pools: config.pools, pickIn, maintenance, clock }),
      attempts,
      connectTimeoutMs: timeouts.connectMs,
      firstByteTimeoutMs: timeouts.firstByteMs,
      answerTimeoutMs: timeouts.answerMs,
      idleTimeoutMs: timeouts.idleMs,
      drainTimeoutMs: timeouts.drainMs,
      forwarded,
      ...limits,
      tls: tls && watch && tlsOptions(tls, watch.certificates, ticketKeys),
      clock,
      logger,
    })
    proxy.subscribe((event) => {
      metrics.countProxyEvent(name, event)
      tally.add(name, event)
      if (event.type === 'attempt-finished') attemptFinished(event)
    })
    const log = accessLog && accessLogs.get(accessLog.file)
    if (log) {
      proxy.subscribe((event) => {
        if (event.type === 'request-finished') log.write(accessLine(event, accessLog.format, name))
      })
    }
    if (watch) certificates.set(proxy, watch)
    proxies.set(name, proxy)
  }

  // Names that answer by the health of targets: served here, so that they are while control is dead.
  const dns: WorkerDns | undefined =
    config.dns?.server &&
    openWorkerDns({
      dns: { ...config.dns, server: config.dns.server },
      clock,
      random,
      logger,
      states,
      told(event) {
        metrics.countDnsEvent(event)
        tell({ type: 'dns-event', event })
      },
    })

  const everyProxy = (): readonly (readonly [string, Proxy | TcpProxy])[] => [...proxies, ...tcpProxies]

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
    dns?.setState(targetId, state)
    if (downBecause !== undefined) for (const [, proxy] of everyProxy()) proxy.abandon(targetId, downBecause)
  }

  function report(counted: WorkerReport['metrics']): WorkerReport {
    return {
      pools: [...pools].map(([name, pool]) => ({ name, because: pool.because(), loads: pool.loads(), waiting: pool.waiting() })),
      proxies: everyProxy().map(([name, proxy]) => ({ name, active: proxy.active })),
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
      // Nobody waits for a disk.
      for (const log of accessLogs.values()) void log.start()
      for (const pool of pools.values()) await pool.start()
      for (const [name, proxy] of everyProxy()) await proxy.start({ socket: sockets?.get(name) })
      await dns?.start()
      for (const [proxy, watch] of certificates) watch.start(proxy)
      // Nobody is put aside yet, whatever the worker before this one has said; and what agents advise, it knew alone.
      aside.changed()
      tell({ type: 'weights-wanted' })
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function stop({ handedOver = [], signal }: WorkerStopOptions = {}): Promise<void> {
    for (const watch of certificates.values()) watch.stop()
    const stopped = [...proxies].map(([name, proxy]) => proxy.stop({ handedOver: handedOver.includes(name), signal }))
    // A worker that follows has the ports already; one that ends has nobody to answer for.
    await dns?.stop()
    await Promise.all([...stopped, ...[...tcpProxies.values()].map((proxy) => proxy.stop({ signal }))])
    await Promise.all([...pools.values()].map((pool) => pool.stop()))
    await Promise.all([...accessLogs.values()].map((log) => log.close()))
    aside.stop()
    outliers.flush()
    tally.flush()
    await metrics.stop()
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    start: (sockets) => (starting ??= start(sockets)),
    stop: (options) => (stopping ??= stop(options)),
    hear(order) {
      switch (order.type) {
        case 'target-state':
          return targetChanged(order)
        case 'target-weight':
          return poolOf.get(order.targetId)?.setShare(order.targetId, order.weight)
        case 'pool-maintenance':
          return maintenance.set(order.pool, order.word)
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
    answersAt: () => dns?.addresses() ?? [],
    listens: () => new Map(everyProxy().flatMap(([name, { address }]) => (address ? [[name, address] as const] : []))),
  }
}
