import { fileURLToPath } from 'node:url'
import type { Severity } from '@hotspare/alert'
import type { AdminState, Clock, Logger, Random, TargetState, Verdict } from '@hotspare/core'
import { formatListen } from './config/addresses.ts'
import { type ChildEvent, type DaemonEvent, logLevelOf, toEntry } from './events.ts'
import { bindOrTakeOver, type BoundSocket } from './process/bound-socket.ts'
import type { OpenCluster } from './process/cluster-part.ts'
import type { SourcedConfig } from './process/config-source.ts'
import { processDefaults } from './process/defaults.ts'
import { HeldReports } from './process/held-reports.ts'
import { KeptChild } from './process/kept-child.ts'
import {
  type ControlNews,
  type ControlOrder,
  isControlNews,
  isWorkerNews,
  type ProcessFacts,
  type WorkerNews,
  type WorkerProcessOrder,
} from './process/messages.ts'
import { ownUsage } from './process/usage.ts'

export interface GuardSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly version: string
  /** Opens what this node does for others. */
  readonly openCluster?: OpenCluster | undefined
}

/** `hotspare run`: holds what must not be lost (ports, what people have decided), and keeps its children alive. */
export interface Guard {
  /**
   * Binds every port, then starts the children. Where one of these cannot be done, nothing stays.
   *
   * @throws HotspareError that says which address and why, or what a child found wrong
   */
  start(): Promise<void>
  /** Drains the worker, then ends everything. A second call waits for the first. */
  stop(because: string): Promise<void>
  /** Ends the children at once: for a guard that is told to end now, as they would outlive it. */
  kill(): void
}

/** The map of the guard: what it holds, and which word of whom goes where. It reads none of them. */
export function composeGuard({ config, source }: Pick<SourcedConfig, 'config' | 'source'>, surroundings: GuardSurroundings): Guard {
  const { clock, random, logger, version, openCluster } = surroundings
  const startedAt = clock.wallMs()
  const common = { program: childProgram(), clock, random, logger }

  // What is held.
  const proxySockets = new Map<string, BoundSocket>()
  let apiSocket: BoundSocket | undefined
  const states = new Map<string, TargetState>()
  const admin = new Map<string, Verdict<AdminState>>()
  const firing = new Map<string, Severity>()
  const reports = new HeldReports(clock)
  /** What happened while nobody was there to write it down. */
  const waiting: ControlOrder[] = []

  // Control looks and decides. What it says last is what the next one begins with.
  const control = new KeptChild<ControlOrder, ControlNews>({
    ...common,
    role: 'control',
    begin(send) {
      if (apiSocket) send({ type: 'socket', name: 'api' }, apiSocket.handle)
      const listens = new Map([...proxySockets].map(([name, { address }]) => [name, address]))
      send({ type: 'start', source, version, startedAt, listens, lastWords: { admin, firing, states, reports: reports.list() } })
      send({ type: 'processes', processes: processes() })
      for (const order of waiting.splice(0)) send(order)
    },
    isNews: isControlNews,
    hear(news) {
      switch (news.type) {
        case 'to-worker':
          if (news.order.type === 'target-state') states.set(news.order.targetId, news.order.state)
          return worker?.tell({ type: 'from-control', order: news.order })
        case 'admin-set':
          return setOrDelete(admin, news.targetId, news.verdict)
        case 'alert-firing':
          return setOrDelete(firing, news.key, news.severity)
        case 'job-reported':
          return reports.hold(news.check, news.report)
        case 'cluster':
          return cluster?.hear(news.body)
      }
    },
    alive: () => tellProcesses(),
    ended: (because) => childChanged({ type: 'child-ended', at: clock.wallMs(), process: 'control', because }),
    startedAgain: (pid, restarts) => childChanged({ type: 'child-started', at: clock.wallMs(), process: 'control', pid, restarts }),
  })

  // The worker moves requests. It begins with what control last said of each target, also where there is no control now.
  const worker =
    config.proxies.length === 0
      ? undefined
      : new KeptChild<WorkerProcessOrder, WorkerNews>({
          ...common,
          role: 'worker',
          begin(send) {
            for (const [name, { handle }] of proxySockets) send({ type: 'socket', name }, handle)
            send({ type: 'start', config: { pools: config.pools, proxies: config.proxies }, states })
          },
          isNews: isWorkerNews,
          hear: (news) => tellControl({ type: 'from-worker', news }),
          alive: () => {},
          ended: (because) => childChanged({ type: 'child-ended', at: clock.wallMs(), process: 'worker', because }),
          startedAgain: (pid, restarts) => childChanged({ type: 'child-started', at: clock.wallMs(), process: 'worker', pid, restarts }),
        })

  // What this node does for others.
  const cluster = openCluster?.({ tellControl: (body) => tellControl({ type: 'cluster', body }) })

  function processes(): readonly ProcessFacts[] {
    const guard: ProcessFacts = { name: 'guard', pid: process.pid, since: startedAt, restarts: 0, usage: ownUsage() }
    return [guard, control.facts(), ...(worker ? [worker.facts()] : [])]
  }

  /** What is worth the timeline waits for the next control; reports and passive health are of the moment. */
  function tellControl(order: ControlOrder): void {
    if (control.isThere) return control.tell(order)
    const worthKeeping =
      order.type === 'guard-event' ||
      (order.type === 'cluster' && order.body.type === 'event') ||
      (order.type === 'from-worker' && /^(?:traffic-event|log)$/.test(order.news.type))
    if (worthKeeping && waiting.length < processDefaults.mostWaiting) waiting.push(order)
  }

  function tellProcesses(): void {
    tellControl({ type: 'processes', processes: processes() })
  }

  function record(event: DaemonEvent): void {
    tellControl({ type: 'guard-event', told: { event, logged: false } })
  }

  /** Written into the log here: a control that dies again and again would never get to it. */
  function childChanged(event: ChildEvent): void {
    logger[logLevelOf(event)]({ event }, toEntry(event, 0).text)
    tellControl({ type: 'guard-event', told: { event, logged: true } })
    tellProcesses()
  }

  async function bindAll(): Promise<void> {
    for (const { name, listen } of config.proxies) {
      const purpose = { code: 'HOTSPARE_PROXY_LISTEN', who: 'proxy', way: 'choose another port' } as const
      proxySockets.set(name, await bindOrTakeOver(listen, purpose, { clock }))
    }
    const purpose = { code: 'HOTSPARE_APP_LISTEN', who: 'api', way: 'set `api.listen`' } as const
    apiSocket = await bindOrTakeOver(config.api.listen, purpose, { clock })
  }

  async function start(): Promise<void> {
    try {
      await bindAll()
      record({ type: 'daemon-started', at: clock.wallMs(), node: config.node, version })
      await Promise.all([control.start(), worker?.start()])
      for (const { name: proxy, pool, listen } of config.proxies)
        record({
          type: 'proxy-listening',
          at: clock.wallMs(),
          proxy,
          listen: formatListen(proxySockets.get(proxy)?.address ?? listen),
          pool,
        })
      record({ type: 'api-listening', at: clock.wallMs(), listen: formatListen(apiSocket?.address ?? config.api.listen) })
      await cluster?.start()
    } catch (error) {
      const because = 'the start has failed'
      await Promise.all([worker?.end({ type: 'stop', because }, 0), control.end({ type: 'finish' }, 0)])
      closeSockets()
      throw error
    }
  }

  async function stop(because: string): Promise<void> {
    await cluster?.stop(because)
    tellControl({ type: 'stop', because })
    // From here on the ports are as good as their children: what closes there is closed.
    const drained = worker?.end({ type: 'stop', because }, longestDrainMs() + processDefaults.workerGraceMs)
    for (const socket of proxySockets.values()) socket.close()
    proxySockets.clear()
    await drained
    await control.end({ type: 'finish' }, processDefaults.controlGraceMs)
    closeSockets()
  }

  function closeSockets(): void {
    for (const socket of [...proxySockets.values(), ...(apiSocket ? [apiSocket] : [])]) socket.close()
    proxySockets.clear()
    apiSocket = undefined
  }

  function longestDrainMs(): number {
    return Math.max(0, ...config.proxies.map(({ timeouts }) => timeouts.drainMs))
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    start: () => (starting ??= start()),
    stop: (because) => (stopping ??= stop(because)),
    kill() {
      worker?.kill()
      control.kill()
    },
  }
}

function setOrDelete<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

/** Beside this file, as source and as built. */
function childProgram(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'process-child.ts' : 'process-child.js', import.meta.url))
}
