import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { ReloadResult } from '@hotspare/api'
import { assertNever, type Clock, type Logger, type Random } from '@hotspare/core'
import { formatListen } from './config/addresses.ts'
import type { DnsConfig } from './config/config-dns.ts'
import { frontOf } from './config/config-routes.ts'
import { type ChildEvent, type DaemonEvent, logLevelOf, reloadText, toEntry } from './events.ts'
import type { OpenCluster } from './process/cluster-part.ts'
import type { SourcedConfig } from './process/config-source.ts'
import { ControlSeat, type Successor } from './process/control-seat.ts'
import { processDefaults } from './process/defaults.ts'
import { bindNextPorts, bindPorts, closePorts, type Ports } from './process/held-ports.ts'
import { HeldState } from './process/held-state.ts'
import { type ControlNews, type ControlOrder, type ProcessFacts, type WorkerNews, type WorkerOrder } from './process/messages.ts'
import { planReload, type ReplacementPlan } from './process/reload-plan.ts'
import { failed, ReloadDesk, type ReloadDone } from './process/reload-desk.ts'
import { ownUsage } from './process/usage.ts'
import { WorkerSeat } from './process/worker-seat.ts'

export interface GuardSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly version: string
  /** Opens what this node does for others. */
  readonly openCluster?: OpenCluster | undefined
  /** Reads the file anew. @throws HotspareError with all that is wrong in it */
  readonly readConfig?: ((options: { readonly signal: AbortSignal }) => Promise<SourcedConfig>) | undefined
  /** Another configuration holds from now on. */
  readonly followed?: ((config: SourcedConfig) => void) | undefined
}

export interface ReloadOptions {
  /** Whether control and worker are replaced although nothing has changed. */
  readonly restart: boolean
  /** Whether it waits for a reload that is under way; otherwise it fails then. */
  readonly wait: boolean
}

/** `hotspare run`: holds what must not be lost (ports, what people have decided), and keeps its children alive. */
export interface Guard {
  /**
   * Binds every port, then starts the children. Where one of these cannot be done, nothing stays.
   *
   * @throws HotspareError that says which address and why, or what a child found wrong
   */
  start(): Promise<void>
  /**
   * Reads the file anew and follows it, all of it or nothing; never rejects. One at a time.
   *
   */
  reload(options: ReloadOptions): Promise<ReloadResult>
  /** Drains the worker, then ends everything. A second call waits for the first. */
  stop(because: string): Promise<void>
  /** Ends the children at once: for a guard that is told to end now, as they would outlive it. */
  kill(): void
}

/** As OpenSSL has it. */
const TICKET_KEYS_BYTES = 48

/** The map of the guard: what it holds, and which word of whom goes where. It reads none of them. */
export function composeGuard(first: Pick<SourcedConfig, 'config' | 'source'>, surroundings: GuardSurroundings): Guard {
  const { clock, random, logger, version, openCluster, readConfig, followed = () => {} } = surroundings
  const startedAt = clock.wallMs()
  const common = { program: childProgram(), clock, random, logger }

  // What is held.
  let { config, source } = first
  let ports: Ports | undefined
  const held = new HeldState(clock)
  const ticketKeys = randomBytes(TICKET_KEYS_BYTES)
  /** What happened while nobody was there to write it down. */
  const waiting: ControlOrder[] = []

  // Control looks and decides. What it says last is what the next one begins with.
  const control = new ControlSeat({
    ...common,
    version,
    begin(send) {
      if (ports) send({ type: 'socket', name: 'api' }, ports.api.handle)
      const listens = new Map([...(ports?.proxies ?? [])].map(([name, { address }]) => [name, address]))
      send({ type: 'start', source, version, startedAt, listens, lastWords: held.lastWords() })
      send({ type: 'processes', processes: processes() })
      for (const order of waiting.splice(0)) send(order)
    },
    hear: hearControl,
    alive: () => tellProcesses(),
    ended: (because) => childChanged({ type: 'child-ended', at: clock.wallMs(), process: 'control', because }),
    startedAgain: (pid, restarts) => childChanged({ type: 'child-started', at: clock.wallMs(), process: 'control', pid, restarts }),
  })

  function hearControl(news: ControlNews): void {
    switch (news.type) {
      case 'to-worker':
        held.told(news.order)
        return workers.tell(news.order)
      case 'admin-set':
      case 'alert-firing':
      case 'job-reported':
      case 'timeline-left':
        return held.hear(news)
      case 'reload':
        return void reload({ restart: news.restart, wait: false }).then((result) =>
          control.tell({ type: 'reload-answer', id: news.id, result }),
        )
      case 'cluster':
        return cluster?.hear(news.body)
      default:
        return assertNever(news)
    }
  }

  // The worker moves requests. It begins with what control last said of each target, also where there is no control now.
  const workers = new WorkerSeat({
    ...common,
    begin(send, { config: { pools, proxies, dns }, sockets }, knows, certificates) {
      for (const [name, { handle }] of sockets) send({ type: 'socket', name }, handle)
      const states = new Map([...held.states].filter(([targetId]) => knows(targetId)))
      send({ type: 'start', config: { pools, proxies, dns: servedDns(dns) }, states, ticketKeys, certificates })
      const tellIt = (order: WorkerOrder) => send({ type: 'from-control', order })
      for (const [targetId, weight] of held.weights) if (knows(targetId)) tellIt({ type: 'target-weight', targetId, weight })
      for (const [pool, word] of held.maintenance) tellIt({ type: 'pool-maintenance', pool, word })
    },
    // What another one than the one that serves says of targets is of no use to a control that never heard of them.
    hear(news, serves) {
      if (serves || isForPeople(news)) tellControl({ type: 'from-worker', news })
    },
    ended: (because) => childChanged({ type: 'child-ended', at: clock.wallMs(), process: 'worker', because }),
    startedAgain: (pid, restarts) => childChanged({ type: 'child-started', at: clock.wallMs(), process: 'worker', pid, restarts }),
    retired: (pid, because, tookMs) => {
      tell({ type: 'worker-retired', at: clock.wallMs(), pid, because, tookMs })
      tellProcesses()
    },
  })

  // What this node does for others.
  const cluster = openCluster?.({ tellControl: (body) => tellControl({ type: 'cluster', body }) })

  function processes(): readonly ProcessFacts[] {
    const guard: ProcessFacts = { name: 'guard', pid: process.pid, since: startedAt, restarts: 0, usage: ownUsage() }
    return [guard, control.facts(), ...workers.facts()]
  }

  /** What is worth the timeline waits for the next control; reports and passive health are of the moment. */
  function tellControl(order: ControlOrder): void {
    if (control.isThere) return control.tell(order)
    const worthKeeping =
      order.type === 'guard-event' ||
      (order.type === 'cluster' && order.body.type === 'event') ||
      (order.type === 'from-worker' && isForPeople(order.news))
    if (worthKeeping && waiting.length < processDefaults.mostWaiting) waiting.push(order)
  }

  function tellProcesses(): void {
    tellControl({ type: 'processes', processes: processes() })
  }

  function record(event: DaemonEvent): void {
    tellControl({ type: 'guard-event', told: { event, logged: false } })
  }

  /** Written into the log here: there may be no control, or one that dies again and again would never get to it. */
  function tell(event: DaemonEvent): void {
    logger[logLevelOf(event)]({ event }, toEntry(event, 0).text)
    tellControl({ type: 'guard-event', told: { event, logged: true } })
  }

  function childChanged(event: ChildEvent): void {
    tell(event)
    tellProcesses()
  }

  async function start(): Promise<void> {
    try {
      ports = await bindPorts(config, clock)
      record({ type: 'daemon-started', at: clock.wallMs(), node: config.node, version })
      await Promise.all([control.start(), workers.start({ config, sockets: ports.proxies })])
      tellListening(config.proxies.map(({ name }) => name))
      record({ type: 'api-listening', at: clock.wallMs(), listen: formatListen(ports.api.address) })
      await cluster?.start()
      reloads.open()
    } catch (error) {
      const because = 'the start has failed'
      workers.kill()
      await Promise.all([workers.end(because), control.end({ type: 'finish' }, 0)])
      closeSockets()
      throw error
    }
  }

  function tellListening(names: readonly string[]): void {
    for (const { name: proxy, listen, ...rest } of config.proxies)
      if (names.includes(proxy))
        record({
          type: 'proxy-listening',
          at: clock.wallMs(),
          proxy,
          listen: formatListen(ports?.proxies.get(proxy)?.address ?? listen),
          pool: frontOf(rest),
        })
  }

  // Another configuration, or other code: all of it is followed or nothing is.
  const reloads = new ReloadDesk({ clock, tell })
  const reload = ({ restart, wait }: ReloadOptions) =>
    reloads.run(
      async (signal) => {
        if (!readConfig || !ports) return { result: failed('this daemon has no file that it could read'), isNews: true }
        const next = await readConfig({ signal })
        const plan = planReload(config, next.config, { restart })
        if (plan.type === 'replace') return replaceChildren(next, plan, ports, signal)
        return { result: plan.type === 'refused' ? refused(plan.keys) : unchanged, isNews: plan.type === 'refused' }
      },
      { wait },
    )

  /** First everything that can fail, beside what is there; then what cannot. @throws HotspareError where nothing has changed */
  async function replaceChildren(next: SourcedConfig, plan: ReplacementPlan, before: Ports, signal: AbortSignal): Promise<ReloadDone> {
    const nextPorts = await bindNextPorts(before, plan, next.config, { clock, signal })
    let nextControl: Successor | undefined
    try {
      nextControl = await control.rehearse(next.source, { signal })
      const { sameTargets } = plan
      if (plan.worker) await workers.prepare({ config: next.config, sockets: nextPorts.proxies, sameTargets }, { signal })
    } catch (error) {
      nextControl?.child.kill()
      nextPorts.giveUp()
      throw error
    }

    ;({ config, source } = next)
    ports = nextPorts
    held.follow(config, plan.sameTargets)
    followed(next)
    if (plan.worker) workers.follow([...plan.ports.kept.values()], plan.sameTargets)
    nextPorts.closeOld()
    tellListening(plan.ports.bind.map(({ name }) => name))
    const { changes } = plan
    // The last control still gives the answer.
    const afterwards = () => control.follow(nextControl)
    return { result: { ok: true, because: reloadText(changes), changes, problems: [] }, isNews: true, afterwards }
  }

  async function stop(because: string): Promise<void> {
    await reloads.close()
    await cluster?.stop(because)
    tellControl({ type: 'stop', because })
    // From here on the ports are as good as their children: what closes there is closed.
    const drained = workers.end(because)
    for (const socket of ports?.proxies.values() ?? []) socket.close()
    await drained
    await control.end({ type: 'finish' }, processDefaults.controlGraceMs)
    closeSockets()
  }

  function closeSockets(): void {
    if (ports) closePorts(ports)
    ports = undefined
  }

  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  return {
    start: () => (starting ??= start()),
    reload,
    stop: (because) => (stopping ??= stop(because)),
    kill() {
      workers.kill()
      control.kill()
    },
  }
}

const unchanged: ReloadResult = {
  ok: true,
  because: 'nothing in the file has changed, and nothing was done',
  changes: [],
  problems: [],
}

function refused(keys: readonly string[]): ReloadResult {
  return failed(`only a restart of the whole daemon can follow these keys, so nothing was done: ${keys.join(', ')}`)
}

/** Names that this node itself answers; the accounts at others are none of a worker's business. */
function servedDns(dns: DnsConfig | undefined): DnsConfig | undefined {
  return dns?.server && { ...dns, providers: [] }
}

/** What a worker tells of what has happened; the rest is of the moment. */
function isForPeople({ type }: WorkerNews): boolean {
  return type === 'traffic-event' || type === 'dns-event' || type === 'log'
}

/** Beside this file, as source and as built. */
function childProgram(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? 'process-child.ts' : 'process-child.js', import.meta.url))
}
