import { type Alert, createAlerter } from '@hotspare/alert'
import type { Clock, Logger, Random, TargetState } from '@hotspare/core'
import type { AnsweringEvent } from '@hotspare/dns/answering'
import { openAlertDesk } from './alert-desk.ts'
import { alertFactsOf } from './alert-facts.ts'
import { channelsFor } from './alert-rules.ts'
import { createApiServer } from './api-server.ts'
import { createBackend } from './backend.ts'
import { ConcernDesk } from './cluster/control/concern-desk.ts'
import { openClusterControl } from './cluster/control/part.ts'
import type { ClusterNews, ClusterOrder } from './cluster/messages.ts'
import type { Config, ListenAddress } from './config/config.ts'
import type { Redactor } from './config/redactor.ts'
import { dependencyGraphOf, serviceNode } from './config/dependency-graph.ts'
import { channelFor } from './drivers.ts'
import { openEngines } from './engines/engines.ts'
import { DnsAlertDesk } from './dns/alert-desk.ts'
import { isRecordEvent } from './dns/alerts.ts'
import { openControlDns } from './dns/control-dns.ts'
import { isWriter } from './dns/writer.ts'
import type { DaemonEvent } from './events.ts'
import { MaintenanceDesk } from './maintenance-desk.ts'
import { createMetrics } from './metrics.ts'
import type { LastWord, LastWords, ProcessFacts, WorkerExplanation, WorkerNews, WorkerOrder } from './process/messages.ts'
import { needsWorker } from './process/worker-seat.ts'
import { TargetBoard } from './target-board.ts'
import type { Reload } from './reload-routes.ts'
import { Timeline } from './timeline.ts'
import { AsideBoard } from './traffic-aside.ts'
import { createWatchBackend } from './watch/backend.ts'
import { openCauses } from './watch/causes.ts'
import { createLookQueue } from './watch/look-queue.ts'
import { openObserverDesk } from './watch/observer-desk.ts'
import { tellBoard, tellCauses, tellPeople } from './watch/onward.ts'
import { openWatch } from './watch/watch.ts'
import { WorkerQuestions } from './worker-questions.ts'
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
  /** Has the file followed. Undefined where everything is one process. */
  readonly reload?: Reload | undefined
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
  /** The same at once, for another control that follows: nobody is told that anything ends. */
  retire(): Promise<void>
}

/** The map of control: probes make verdicts, verdicts make orders for the worker, and people hear of it. */
export function composeControl(config: Config, surroundings: ControlSurroundings): Control {
  const { clock, random, logger, redactor, version, startedAt, listens, lastWords, reload } = surroundings
  const { processes = () => undefined, remember = () => {}, tellCluster: tell = () => {} } = surroundings

  // What happened, for people: every part below records here.
  const timeline = new Timeline({ keep: config.timeline.keep, logger, earlier: lastWords?.timeline })

  // Other proxies that carry requests are kept at what the worker is told, and hear of it with the worker.
  const engines = openEngines(config, { clock, logger, states: lastWords?.states, record: (event) => timeline.record(event) })
  const tellWorker = (order: WorkerOrder) => {
    surroundings.tellWorker(order)
    engines.hear(order)
  }

  // What moves between nodes is the guard's to decide; control looks at services, asks what people ask, and, where other nodes
  // have a say in what is down, tells them what this one sees.
  const cluster = openClusterControl({
    config,
    clock,
    random,
    logger,
    tell(order) {
      if (order.type === 'check') causes?.update(serviceNode(order.service), order.verdict)
      tell(order)
    },
    record(event) {
      timeline.record(event)
      concerns.hear(event)
      if (isRecordEvent(event)) hearOfRecord(event)
    },
    ownOf: (id) => standings.get(id)?.own,
    abstains: (id) => watch.monitor.observer.state === 'unwell' || board.get(id)?.admin?.state === 'maintenance',
  })

  // Probes, agents and thresholds make verdicts on targets and checks.
  const watch = openWatch({ config, clock, random, logger, observers: cluster?.observers, ...lastWords })
  watch.monitor.subscribe((event) => {
    if (event.type !== 'probe-finished') return
    metrics.countProbe(event)
    if (aside.mayReturnBy(event)) tellWorker({ type: 'probe-passed', targetId: event.targetId })
  })
  // Whom the worker has put aside for what requests meet there: beside the verdicts, and for as long as it says.
  const aside = new AsideBoard({ clock })
  const { standings } = watch

  // What counts for each target: the verdict on it, its own wish, and people above both.
  const maintenance = new MaintenanceDesk({
    pools: config.pools,
    clock,
    startedAt,
    record: (event) => timeline.record(event),
    tellWorker: (order) => tellWorker(order),
    words: lastWords?.maintenance,
  })
  const board = new TargetBoard({
    clock,
    logger,
    healthOf: (id) => standings.get(id)?.verdict,
    wishOf: (id) => standings.get(id)?.wish,
  })
  for (const { name: pool, targets } of config.pools) for (const { id } of targets) board.add({ id, pool })
  for (const [targetId, verdict] of lastWords?.admin ?? []) board.restoreAdmin(targetId, verdict)

  // Names that others keep follow the health of pools.
  const dns =
    config.dns &&
    openControlDns({
      dns: config.dns,
      clock,
      random,
      logger,
      stateOf: (id) => board.get(id)?.verdict.state,
      isWriter: config.cluster === undefined,
      told(event) {
        timeline.record(event)
        hearOfRecord(event)
      },
    })

  // What is down because of something else.
  const causes = openCauses({ graph: dependencyGraphOf(config), clock, logger })

  // Alerts reach people, each route its channels.
  const channels = config.alerts.channels.map((channel) => channelFor(channel, surroundings))
  const alerter = createAlerter({ channels, clock, random, logger })
  alerter.subscribe((event) => {
    metrics.countAlert(event)
    timeline.record(event)
    // Only what has reached somebody: an alarm that dies with this control on its way is raised again by the next one.
    if (event.type !== 'alert-delivered') return
    const { key } = event
    remember({ type: 'alert-firing', key, severity: severityOf(key) })
  })

  // A target has changed: the worker knows first, then people hear of it. It is told of changes alone: what a control
  // does not know yet, because it has only been started, is no reason to forget what the worker knew.
  // Each listens on its own: where one fails, the others still hear.
  board.subscribe((event) => {
    const target = board.get(event.targetId)
    if (!target || event.type === 'pool-exhausted' || event.type === 'pool-recovered') return
    const downBecause = event.type === 'target-down' ? event.because : undefined
    tellWorker({ type: 'target-state', targetId: target.id, state: target.verdict.state, downBecause })
    dns?.report(target.id, target.verdict.state)
  })
  board.subscribe(({ type, targetId }) => {
    if (type === 'target-drained' || type === 'target-undrained')
      remember({ type: 'admin-set', targetId, verdict: board.get(targetId)?.admin })
  })
  board.subscribe((event) => timeline.record(event))
  const untilKnown = board.subscribe(() => {
    if (standings.allTargetsKnown()) tellReady()
  })
  const tellReady = () => {
    untilKnown()
    timeline.record({ type: 'daemon-ready', at: clock.wallMs(), node: config.node })
    // Before every target was looked at, a record would lead to those that happened to be first.
    dns?.start().catch((error: unknown) => logger.error({ error }, 'dns: records at providers are not kept'))
  }
  const notify = (alert: Alert) => alerter.notify(alert, { channels: channelsFor(alert.severity, config.alerts.routes) })
  const told = { node: config.node, firing: lastWords?.firing }
  const desk = openAlertDesk({ ...told, factsOf: (id) => alertFactsOf(id, { board, standings, causes }), notify })
  const observerDesk = openObserverDesk({ ...told, clock, observer: () => watch.monitor.observer, notify })
  tellBoard(watch, board, tellWorker)
  if (causes) tellCauses(watch, board, causes)
  const looks = createLookQueue(clock, (id, at) => desk.look(id, at))
  tellPeople(watch, board, causes, {
    record: (event) => timeline.record(event),
    look: (id, at) => looks.add(id, at),
    lookAtObserver() {
      observerDesk.look()
      cluster?.observerChanged()
    },
  })

  const concerns = new ConcernDesk({ ...told, clock, notify })
  const dnsDesk = new DnsAlertDesk({ ...told, notify })
  const severityOf = (key: string) =>
    desk.severityOf(key) ?? observerDesk.severityOf(key) ?? concerns.severityOf(key) ?? dnsDesk.severityOf(key)

  /** A record at a provider, whether it follows a service or answers for a pool. */
  function hearOfRecord(event: AnsweringEvent): void {
    dnsDesk.hear(event)
    metrics.countRecordEvent(event)
  }

  // People and machines look and steer.
  const asking = { clock, logger, mayAnswer: () => workerIsThere(config, processes()) }
  const reports = new WorkerReports({ ...asking, tellWorker })
  const explanations = new WorkerQuestions<WorkerExplanation | undefined>(asking)
  const scrape = async () => {
    await reports.ask({ withMetrics: true })
    return metrics.scrape(reports.metrics)
  }
  const watchBackend = createWatchBackend({
    checks: config.checks,
    watch,
    causes,
    observers: cluster?.observers,
    services: cluster?.backend.services ?? [],
    serviceHealth: (name) => cluster?.healthOf(name),
    remember: (check, report) => remember({ type: 'job-reported', check, report }),
  })
  const backend = createBackend({
    config,
    version,
    startedAt,
    board,
    watch,
    causes,
    watchAnswers: watchBackend,
    reports,
    wasUp: (targetId) => isUp(lastWords?.states?.get(targetId)),
    async explainPool(pool, key) {
      const asked = await explanations.ask('an explanation of the worker', (id) =>
        tellWorker({ type: 'explanation-wanted', id, pool, key }),
      )
      return asked?.answer
    },
    listens,
    processes,
    ejectionOf: (id) => aside.get(id),
    alerter,
    engines,
    dns,
    maintenance,
    cluster,
    metrics: scrape,
  })
  const metrics = createMetrics(backend.gauges)
  const api = createApiServer({
    ...config.api,
    backend,
    watch: watchBackend,
    cluster: cluster?.backend,
    dns,
    reload,
    timeline,
    redactor,
    clock,
    logger,
  })

  /** What the file begins with, where that is something: no change will tell the worker. */
  function tellInitial(): void {
    for (const { id, health, verdict } of board.list())
      if (health.state !== 'unknown' && !lastWords?.states?.has(id))
        tellWorker({ type: 'target-state', targetId: id, state: verdict.state })
  }

  function hear(news: WorkerNews): void {
    switch (news.type) {
      case 'traffic':
        return watch.reportTraffic(news.targetId, news)
      case 'traffic-event':
      case 'dns-event':
        return timeline.record(news.event)
      case 'targets-aside':
        return aside.heard(news.targets)
      case 'weights-wanted':
        for (const { subject, weight } of standings.list())
          if (subject.kind === 'target' && weight !== undefined) tellWorker({ type: 'target-weight', targetId: subject.id, weight })
        return
      case 'report':
        return reports.heard(news.id, news.report)
      case 'explanation':
        return explanations.heard(news.id, news.explanation)
      case 'log':
        return logger[news.level](news.fields, news.message)
    }
  }

  async function drain(because: string): Promise<void> {
    backend.stopping = true
    timeline.record({ type: 'daemon-stopping', at: clock.wallMs(), because })
    await letGo()
  }

  async function letGo(): Promise<void> {
    looks.end()
    observerDesk.stop()
    maintenance.stop()
    // Side by side: no probe begins any more, and alerts that wait are delivered.
    const ended = await Promise.allSettled([engines.stop(), watch.stop(), causes?.stop(), cluster?.stop(), dns?.stop(), alerter.stop()])
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
      if (news.type !== 'view') return
      const { services, sites, peers } = news.view
      concerns.look(services, sites)
      const order = config.cluster?.nodes.map(({ name }) => name) ?? []
      dns?.setWriter(
        isWriter(
          config.node,
          order,
          peers.map(({ name, alive }) => ({ name, isAlive: isUp(alive.state) })),
        ),
      )
    },
    record: (event, options) => timeline.record(event, options),
    open: (socket) => api.start(socket),
    async start() {
      await alerter.start()
      desk.endUnwatched(clock.wallMs())
      await watch.start()
      await cluster?.start()
      tellInitial()
      engines.start()
      maintenance.start()
      // Where something has to be looked at first, the last of the targets to be judged tells it.
      if (standings.allTargetsKnown()) tellReady()
    },
    drain: (because) => (draining ??= drain(because)),
    async retire() {
      await Promise.allSettled([letGo(), api.stop()])
      await metrics.stop()
    },
    stop: () => (stopping ??= api.stop().then(() => metrics.stop())),
  }
}

/** A worker that is not there is not waited for. */
function workerIsThere(config: Config, processes: readonly ProcessFacts[] | undefined): boolean {
  if (!processes) return true
  return needsWorker(config) && processes.some(({ name, pid }) => name === 'worker' && pid !== undefined)
}

function isUp(state: TargetState | undefined): boolean {
  return state === 'up' || state === 'degraded'
}
