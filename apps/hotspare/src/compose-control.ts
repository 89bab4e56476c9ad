import { createAlerter } from '@hotspare/alert'
import type { Clock, Logger, Random } from '@hotspare/core'
import { createHealthMonitor } from '@hotspare/health'
import { openAlertDesk } from './alert-desk.ts'
import { channelsFor } from './alert-rules.ts'
import { createApiServer } from './api-server.ts'
import { createBackend } from './backend.ts'
import { ConcernDesk } from './cluster/concern-desk.ts'
import { openClusterControl } from './cluster/control-part.ts'
import type { ClusterNews, ClusterOrder } from './cluster/messages.ts'
import type { Config, ListenAddress } from './config/config.ts'
import type { Redactor } from './config/redactor.ts'
import { channelFor, probeFor } from './drivers.ts'
import type { DaemonEvent } from './events.ts'
import { createMetrics } from './metrics.ts'
import type { LastWord, LastWords, ProcessFacts, WorkerNews, WorkerOrder } from './process/messages.ts'
import { TargetBoard } from './target-board.ts'
import { Timeline } from './timeline.ts'
import { WorkerReports } from './worker-reports.ts'

export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly redactor: Redactor
  readonly version: string
  /** Where console alerts go. */
  readonly writeLine: (line: string) => void
}

export interface ControlSurroundings extends Surroundings {
  /** When the daemon was started, of which this may not be the first control. */
  readonly startedAt: number
  readonly tellWorker: (order: WorkerOrder) => void
  /** To the guard's cluster part. */
  readonly tellCluster?: ((order: ClusterOrder) => void) | undefined
  /** Where the proxies really listen. */
  readonly listens: () => ReadonlyMap<string, ListenAddress>
  /** Undefined where everything is one process. */
  readonly processes?: (() => readonly ProcessFacts[]) | undefined
  /** What the control before this one left. */
  readonly lastWords?: LastWords | undefined
  /** Told of everything that the next control must know. */
  readonly remember?: ((word: LastWord) => void) | undefined
}

/** Looks, decides, and tells people. */
export interface Control {
  readonly timeline: Timeline
  /** Where the API listens; undefined before `open`. */
  readonly apiAddress: ListenAddress | undefined
  hear(news: WorkerNews): void
  hearCluster(news: ClusterNews): void
  record(event: DaemonEvent, options?: { readonly logged?: boolean }): void
  /** Opens the API, on a bound socket or where the file says. */
  open(socket?: object): Promise<void>
  /** Begins to look at targets. */
  start(): Promise<void>
  /** Looks at targets no more, and delivers what alerts it can. The API stays, to say how far it is. */
  drain(because: string): Promise<void>
  /** Lets go of everything. */
  stop(): Promise<void>
}

/** The map of control: probes make verdicts, verdicts make orders for the worker, and people hear of it. */
export function composeControl(config: Config, surroundings: ControlSurroundings): Control {
  const { clock, random, logger, redactor, version, startedAt, tellWorker, listens, lastWords } = surroundings
  const { processes = () => undefined, remember = () => {}, tellCluster: tell = () => {} } = surroundings

  // What happened, for people: every part below records here.
  const timeline = new Timeline({ keep: config.timeline.keep, logger })

  // What is believed about each target: health checks report, people overrule.
  const board = new TargetBoard({ clock, logger, healthOf: (id) => monitor.get(id)?.verdict })

  // Probes make verdicts.
  const monitor = createHealthMonitor({ clock, random, logger })
  monitor.subscribe((event) => {
    if (event.type === 'probe-finished') metrics.countProbe(event)
    else if ('from' in event) board.healthChanged(event)
  })
  for (const { name, targets, health } of config.pools) {
    for (const target of targets) {
      const { intervalMs, rise, fall, trafficFailures } = health
      board.add({ id: target.id, pool: name })
      monitor.add({ id: target.id, probe: probeFor(target, health, clock), intervalMs, rise, fall, trafficFailures })
    }
  }
  for (const [targetId, verdict] of lastWords?.admin ?? []) board.restoreAdmin(targetId, verdict)

  // Alerts reach people, each route its channels.
  const channels = config.alerts.channels.map((channel) => channelFor(channel, surroundings))
  const alerter = createAlerter({ channels, clock, random, logger })
  alerter.subscribe((event) => {
    metrics.countAlert(event)
    timeline.record(event)
    // Only what has reached somebody: an alarm that dies with this control on its way is raised again by the next one.
    if (event.type !== 'alert-delivered') return
    const { key } = event
    remember({ type: 'alert-firing', key, severity: desk.severityOf(key) ?? concerns.severityOf(key) })
  })

  // A target has changed: the worker knows first, then people hear of it. It is told of changes alone: what a control
  // does not know yet, because it has only been started, is no reason to forget what the worker knew.
  // Each listens on its own: where one fails, the others still hear.
  board.subscribe((event) => {
    const target = board.get(event.targetId)
    if (!target || event.type === 'pool-exhausted' || event.type === 'pool-recovered') return
    const downBecause = event.type === 'target-down' ? event.because : undefined
    tellWorker({ type: 'target-state', targetId: target.id, state: target.verdict.state, downBecause })
  })
  board.subscribe(({ type, targetId }) => {
    if (type === 'target-drained' || type === 'target-undrained')
      remember({ type: 'admin-set', targetId, verdict: board.get(targetId)?.admin })
  })
  board.subscribe((event) => timeline.record(event))
  const untilKnown = board.subscribe(() => {
    if (!monitor.allKnown()) return
    untilKnown()
    tellReady()
  })
  const tellReady = () => timeline.record({ type: 'daemon-ready', at: clock.wallMs(), node: config.node })
  const desk = openAlertDesk({
    board,
    alerter,
    routes: config.alerts.routes,
    node: config.node,
    firing: lastWords?.firing,
  })

  // What moves between nodes is the guard's to decide; control looks at it, and asks what people ask.
  const cluster = openClusterControl({
    config,
    clock,
    random,
    logger,
    tell,
    record(event) {
      timeline.record(event)
      concerns.hear(event)
    },
  })
  const concerns = new ConcernDesk({
    node: config.node,
    clock,
    notify: (alert) => alerter.notify(alert, { channels: channelsFor(alert.severity, config.alerts.routes) }),
    firing: lastWords?.firing,
  })

  // People and machines look and steer.
  const reports = new WorkerReports({ clock, logger, tellWorker, mayAnswer: () => workerIsThere(config, processes()) })
  const scrape = async () => {
    await reports.ask({ withMetrics: true })
    return metrics.scrape(reports.metrics)
  }
  const backend = createBackend({
    config,
    version,
    startedAt,
    board,
    monitor,
    reports,
    listens,
    processes,
    alerter,
    cluster,
    metrics: scrape,
  })
  const metrics = createMetrics(backend.gauges)
  const api = createApiServer({ ...config.api, backend, cluster: cluster?.backend, timeline, redactor, clock, logger })

  function hear(news: WorkerNews): void {
    switch (news.type) {
      case 'traffic':
        return monitor.reportTraffic(news.targetId, news)
      case 'traffic-event':
        return timeline.record(news.event)
      case 'report':
        return reports.heard(news.id, news.report)
      case 'log':
        return logger[news.level](news.fields, news.message)
    }
  }

  async function drain(because: string): Promise<void> {
    backend.stopping = true
    timeline.record({ type: 'daemon-stopping', at: clock.wallMs(), because })
    // Side by side: no probe begins any more, and alerts that wait are delivered.
    const ended = await Promise.allSettled([monitor.stop(), cluster?.stop(), alerter.stop()])
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  let draining: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    timeline,
    get apiAddress() {
      return api.address
    },
    hear,
    hearCluster(news) {
      cluster?.hear(news)
      if (news.type === 'view') concerns.look(news.view.services)
    },
    record: (event, options) => timeline.record(event, options),
    open: (socket) => api.start(socket),
    async start() {
      await alerter.start()
      await monitor.start()
      await cluster?.start()
      // Where there are targets, the last of them to be judged tells it.
      if (config.pools.length === 0) tellReady()
    },
    drain: (because) => (draining ??= drain(because)),
    stop: () => (stopping ??= api.stop().then(() => metrics.stop())),
  }
}

/** A worker that is not there is not waited for. */
function workerIsThere(config: Config, processes: readonly ProcessFacts[] | undefined): boolean {
  if (!processes) return true
  return config.proxies.length > 0 && processes.some(({ name, pid }) => name === 'worker' && pid !== undefined)
}
