import { createAlerter } from '@hotspare/alert'
import { createPool, type Pool } from '@hotspare/balance'
import type { Clock, Logger, Random } from '@hotspare/core'
import { createHealthMonitor } from '@hotspare/health'
import { createProxy, type Proxy, speaksAgainstTarget } from '@hotspare/proxy'
import { openAlertDesk } from './alert-desk.ts'
import { createApiServer } from './api-server.ts'
import { createBackend } from './backend.ts'
import type { Config, TargetConfig } from './config/config.ts'
import { formatListen } from './config/addresses.ts'
import type { Redactor } from './config/redactor.ts'
import { algorithmFor, channelFor, probeFor } from './drivers.ts'
import { createMetrics } from './metrics.ts'
import { TargetBoard } from './target-board.ts'
import { Timeline } from './timeline.ts'
import { TrafficTally } from './traffic-tally.ts'

export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly redactor: Redactor
  readonly version: string
  /** Where console alerts go. */
  readonly writeLine: (line: string) => void
}

/** The running product. */
export interface Daemon {
  /**
   * Opens every listener, then begins to look at targets. If one listener cannot open, none stays open.
   * A second call has no effect.
   *
   * @throws HotspareError that says which address and why
   */
  start(): Promise<void>
  /**
   * Drains the proxies, delivers meanwhile what alerts it can, and lets go of everything. A second call waits for the first.
   * What befalls a target from then on goes into the timeline and alarms nobody.
   */
  stop(because: string): Promise<void>
  readonly timeline: Timeline
  /** Where the API listens; undefined before `start`. */
  readonly apiAddress: { readonly host: string; readonly port: number } | undefined
}

export interface NamedProxy {
  readonly name: string
  readonly pool: string
  readonly listen: string
  readonly proxy: Proxy
}

/** The map of the product, from top to bottom: what each part is made of, and who hears of what. */
export function compose(config: Config, surroundings: Surroundings): Daemon {
  const { clock, random, logger, redactor, version } = surroundings
  const startedAt = clock.wallMs()

  // What happened, for people: every part below records here.
  const timeline = new Timeline({ keep: config.timeline.keep, logger })

  // What is believed about each target: health checks report, people overrule.
  const board = new TargetBoard({ clock, logger, healthOf: (id) => monitor.get(id)?.verdict })

  // Probes make verdicts.
  const monitor = createHealthMonitor({ clock, random, logger })
  monitor.subscribe((event) => {
    if (event.type === 'probe-finished') metrics.countProbe(event)
    else board.healthChanged(event)
  })

  // Verdicts make pools.
  const pools = new Map<string, Pool<TargetConfig>>()
  for (const { name, targets, health, balance } of config.pools) {
    pools.set(name, createPool({ targets, algorithm: algorithmFor(balance, random) }))
    for (const target of targets) {
      const { intervalMs, rise, fall, trafficFailures } = health
      board.add({ id: target.id, pool: name })
      monitor.add({ id: target.id, probe: probeFor(target, health, clock), intervalMs, rise, fall, trafficFailures })
    }
  }

  // Pools make picks for proxies, and what proxies meet makes verdicts again.
  const tally = new TrafficTally({ clock, record: (event) => timeline.record(event) })
  const proxies: NamedProxy[] = config.proxies.map(({ name, listen, pool, attempts, timeouts, forwarded }) => {
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
      if (!failure) monitor.reportTraffic(targetId, { ok: true })
      else if (speaksAgainstTarget(failure)) monitor.reportTraffic(targetId, { ok: false, detail: `${failure.reason}: ${failure.detail}` })
    })
    return { name, pool, listen: formatListen(listen), proxy }
  })

  // Alerts reach people, each route its channels.
  const channels = config.alerts.channels.map((channel) => channelFor(channel, surroundings))
  const alerter = createAlerter({ channels, clock, random, logger })
  alerter.subscribe((event) => {
    metrics.countAlert(event)
    timeline.record(event)
  })

  // A target has changed: the pool knows first, then requests that wait there move, then people hear of it.
  // Each listens on its own: where one fails, the others still hear.
  board.subscribe(({ targetId }) => {
    const target = board.get(targetId)
    if (target) pools.get(target.pool)?.setState(target.id, target.verdict.state)
  })
  board.subscribe((event) => {
    if (event.type === 'target-down') for (const { proxy } of proxies) proxy.abandon(event.targetId, event.because)
  })
  board.subscribe((event) => timeline.record(event))
  const untilKnown = board.subscribe(() => {
    if (!monitor.allKnown()) return
    untilKnown()
    timeline.record({ type: 'daemon-ready', at: clock.wallMs(), node: config.node })
  })
  openAlertDesk({ board, alerter, routes: config.alerts.routes, node: config.node })

  // People and machines look and steer.
  const backend = createBackend({ config, version, startedAt, board, monitor, pools, proxies, alerter, metrics: () => metrics.scrape() })
  const metrics = createMetrics(backend.gauges)
  const api = createApiServer({ ...config.api, backend, timeline, redactor, clock, logger })

  async function start(): Promise<void> {
    timeline.record({ type: 'daemon-started', at: clock.wallMs(), node: config.node, version })
    try {
      for (const { name, pool, proxy } of proxies) {
        await proxy.start()
        timeline.record({
          type: 'proxy-listening',
          at: clock.wallMs(),
          proxy: name,
          listen: formatListen(proxy.address ?? { host: '', port: 0 }),
          pool,
        })
      }
      await api.start()
      timeline.record({ type: 'api-listening', at: clock.wallMs(), listen: formatListen(api.address ?? config.api.listen) })
    } catch (error) {
      await Promise.all([...proxies.map(({ proxy }) => proxy.stop()), api.stop()])
      throw error
    }
    await alerter.start()
    await monitor.start()
  }

  async function stop(because: string): Promise<void> {
    backend.stopping = true
    timeline.record({ type: 'daemon-stopping', at: clock.wallMs(), because })
    // Side by side, so that the whole takes hardly longer than the drain: no probe begins any more, requests finish, and
    // alerts that wait are delivered. The API stays until then, to say how far it is.
    const ended = await Promise.allSettled([monitor.stop(), drainProxies(), alerter.stop()])
    await api.stop()
    await metrics.stop()
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  async function drainProxies(): Promise<void> {
    await Promise.all(proxies.map(({ proxy }) => proxy.stop()))
    tally.flush()
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    timeline,
    get apiAddress() {
      return api.address
    },
    start: () => (starting ??= start()),
    stop: (because) => (stopping ??= stop(because)),
  }
}
