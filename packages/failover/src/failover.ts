import {
  assertNever,
  type Clock,
  Emitter,
  errorText,
  type EventSource,
  type HealthState,
  HotspareError,
  type Listener,
  type Logger,
  type Timer,
  type Verdict,
  withDeadline,
} from '@hotspare/core'
import type { Plan } from '@hotspare/core/plan'
import { engineDefaults } from './defaults.ts'
import type { FailoverEvent } from './events.ts'
import type { NodeReport } from './facts.ts'
import { Neighbours } from './neighbours.ts'
import { type FailoverOptions, type ResolvedFailoverOptions, resolveFailoverOptions } from './options.ts'
import { leavingOrder } from './relations.ts'
import { beginPauseWatch, sickness, tick } from './pause-watch.ts'
import { PeerReports, withWord } from './peer-reports.ts'
import type { FailoverMethod } from './ports.ts'
import { ServiceEngine } from './service-engine.ts'
import type { ServiceSnapshot } from './snapshot.ts'
import {
  type Command,
  type CommandResult,
  type PerformAnswer,
  type PerformRequest,
  readCommandRequest,
  readCommandResult,
  readPerformAnswer,
  readPerformRequest,
  MOST_IDENTITIES,
  wireText,
} from './wire.ts'

/** The engine of one node: decide.ts says what is to be done, plans say how; this is its life, and its face to the app and the peers. */
export class Failover implements EventSource<FailoverEvent>, AsyncDisposable {
  readonly #options: ResolvedFailoverOptions
  readonly #clock: Clock
  readonly #bootMs: () => number
  readonly #logger: Logger
  readonly #emitter: Emitter<FailoverEvent>
  readonly #services = new Map<string, ServiceEngine>()
  readonly #reports: PeerReports
  #watch = beginPauseWatch(0)
  #timer: Timer | undefined
  #unsubscribe: (() => void) | undefined
  /** From the first tick to the end: outside of that, time that passes is no pause. */
  #running = false
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  readonly #stops = new Map<string, Promise<void>>()

  constructor(options: ResolvedFailoverOptions) {
    const { node, peerNodes, peers, people, fence, reserveMs, services, capacity, rules, clock, logger } = options
    this.#options = options
    this.#clock = clock
    this.#bootMs = options.bootMs
    this.#logger = logger
    this.#emitter = new Emitter({ logger })
    this.#reports = new PeerReports({ nodes: peerNodes, peers, clock, own: () => this.#ownReport(), changed: () => this.#look() })
    const definitions = services.map(({ definition }) => definition)
    const neighbours = new Neighbours({ node, capacity, people, reports: this.#reports, services: this.#services })
    for (const parts of services) {
      const { name } = parts.definition
      const reluctant = neighbours.reluctantOf(parts.definition, definitions)
      const engine = new ServiceEngine(parts, {
        node,
        clock,
        rules,
        nodeFacts: () => ({
          sick: sickness(this.#watch, this.#bootMs()),
          hold: people.hold(),
          maintenance: people.maintenance(),
          peers: this.#reports.facts().map((peer) => withWord(peer, people.maintenanceOf?.(peer.node))),
          reluctant: reluctant(),
          leader: neighbours.leaderOf(parts.definition),
        }),
        others: neighbours.othersOf(parts.definition, definitions),
        emit: (event) => this.#emitter.emit(event),
        changed: () => this.#reports.tell(),
        fence,
        reserveMs,
        askReport: (peer, signal) => this.#reports.ask(peer, signal),
        ask: (to, request, signal) => this.#ask(to, request, signal),
      })
      this.#services.set(name, engine)
    }
  }

  subscribe(listener: Listener<FailoverEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /**
   * Looks at every resource, then begins to watch, to tell the peers, and to act. Idempotent.
   *
   * @throws HotspareError `HOTSPARE_FAILOVER_STOPPED` once it was stopped
   */
  async start(): Promise<void> {
    if (this.#stopping) {
      throw new HotspareError({ code: 'HOTSPARE_FAILOVER_STOPPED', message: 'failover: it was stopped: create a new one' })
    }
    return (this.#starting ??= this.#start())
  }

  /**
   * Stops. With `handOver`, services go to another member first, where one could take over. What is left is let go of
   * (`release`) or stays where it is (`keep`). Never rejects.
   */
  stop(options: { readonly handOver?: boolean | undefined } = {}): Promise<void> {
    return (this.#stopping ??= this.#stop(options.handOver ?? false))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** What the check of a service says about this node. To be said at least every second, or it counts as unknown. */
  setCheck(service: string, verdict: Verdict<HealthState>): void {
    if (!this.#isSick()) this.#find(service).setCheck(verdict)
  }

  /** Whether a service answers at its address, as seen from this node. To be said several times a second by a standby. */
  setServed(service: string, verdict: Verdict<'yes' | 'no' | 'unknown'>): void {
    if (!this.#isSick()) this.#find(service).setServed(verdict)
  }

  /** Something that people have decided has changed: it is looked at now and not only at the next tick. */
  look(): void {
    this.#look()
    this.#reports.tell()
  }

  snapshot(): readonly ServiceSnapshot[] {
    return [...this.#services.values()].map((engine) => engine.snapshot())
  }

  /**
   * Until when this node may go on holding what has to be let go of with its right (`release`), in milliseconds of the clock's
   * `monotonicMs`; Infinity while nothing of the kind is here. For a watchdog.
   */
  heldUntilMs(): number {
    return Math.min(...[...this.#services.values()].map((engine) => engine.heldUntilMs()), Infinity)
  }

  /** Whether something is still here, or may be, that has to be let go of with its right (`release`). For a watchdog, after the end. */
  mayHold(): boolean {
    return [...this.#services.values()].some((engine) => engine.mayHold())
  }

  /** What a peer told last, however long ago; undefined before it has told anything. */
  reportOf(peer: string): NodeReport | undefined {
    return this.#reports.last(peer)
  }

  /** How the peers' resources would show up from outside, by the last that they told: also those of a peer that has died. */
  peerIdentities(): readonly string[] {
    return this.#options.peerNodes.flatMap((node) => this.#reports.last(node)?.identities ?? [])
  }

  /**
   * What a command would do. Nothing is done.
   *
   * @throws HotspareError `HOTSPARE_FAILOVER_UNKNOWN_SERVICE`
   */
  plan(service: string, command: Command): { readonly plan?: Plan | undefined; readonly because: string } {
    return this.#find(service).planFor(command)
  }

  /**
   * Carries a command of people out, on whichever node that has to happen. A refusal is a value.
   *
   * @param options a `signal` that aborts ends the wait for another node, and keeps a plan from beginning here; one that has begun is
   * run to its end all the same
   * @throws HotspareError `HOTSPARE_FAILOVER_UNKNOWN_SERVICE`
   */
  async command(service: string, command: Command, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<CommandResult> {
    const engine = this.#find(service)
    const move = engine.moveFor(command)
    const executor = move?.type === 'hand-over' ? move.from : move?.to
    if (move === undefined || executor === undefined || executor === this.#options.node) return engine.command(command, options.signal)
    try {
      // The one that is asked might choose another one.
      const body = { service, command: { ...command, to: move.to } }
      const { signal } = options
      return readCommandResult(
        await this.#options.peers.request(executor, 'failover-command', body, { timeoutMs: engineDefaults.commandMs, signal }),
      )
    } catch (error) {
      return { ok: false, because: `${executor} has to do it, and did not answer: ${errorText(error)}`, steps: [] }
    }
  }

  /**
   * Answers what another node's engine asks: to be called with whatever comes in under one of {@link failoverMethods}.
   *
   * @throws HotspareError `HOTSPARE_FAILOVER_MESSAGE` for what cannot be read, `HOTSPARE_FAILOVER_UNKNOWN_SERVICE`
   */
  async answer(
    method: FailoverMethod,
    body: unknown,
    { peer, signal }: { readonly peer: string; readonly signal: AbortSignal },
  ): Promise<unknown> {
    switch (method) {
      case 'failover-report':
        this.#reports.hear(peer, body)
        return this.#ownReport()
      case 'failover-perform': {
        const request = readPerformRequest(body)
        return this.#find(request.service).perform(request, peer, signal)
      }
      case 'failover-command': {
        const { service, command } = readCommandRequest(body)
        // Not passed on again: two nodes that take each other for the active one would send it around.
        return this.#find(service).command(command, signal)
      }
      default:
        return assertNever(method)
    }
  }

  async #start(): Promise<void> {
    this.#watch = beginPauseWatch(this.#bootMs(), this.#options.pauseMs)
    this.#unsubscribe = this.#options.peers.subscribe(() => this.#look())
    await Promise.all([...this.#services.values()].map((engine) => engine.start()))
    this.#reports.start()
    this.#watch = beginPauseWatch(this.#bootMs(), this.#options.pauseMs)
    this.#running = true
    this.#tickLater()
  }

  async #stop(handOver: boolean): Promise<void> {
    await this.#starting?.catch(() => {})
    const failed = (error: unknown) => {
      this.#logger.warn({ error: errorText(error) }, 'the engine stops without having handed everything over')
    }
    // What needs another service leaves before it. One that fails does not cut the others short.
    const order = leavingOrder([...this.#services.values()].map(({ definition }) => definition))
    const all = Promise.all([...this.#services.values()].map((engine) => this.#stopInOrder(engine, order, { handOver }).catch(failed)))
    await withDeadline('failover: handing over', engineDefaults.stopMs, () => all, { clock: this.#clock }).catch(failed)
    this.#running = false
    this.#timer?.cancel()
    this.#unsubscribe?.()
    this.#reports.stop()
  }

  #stopInOrder(engine: ServiceEngine, order: ReadonlyMap<string, readonly string[]>, how: { readonly handOver: boolean }): Promise<void> {
    const { name } = engine.definition
    const known = this.#stops.get(name)
    if (known) return known
    const first = (order.get(name) ?? []).flatMap((each) => this.#services.get(each) ?? [])
    const stop = Promise.allSettled(first.map((each) => this.#stopInOrder(each, order, how))).then(() => engine.stop(how))
    this.#stops.set(name, stop)
    return stop
  }

  #tickLater(): void {
    this.#timer = this.#clock.schedule(engineDefaults.tickMs, () => {
      this.#tickLater()
      this.#look()
    })
  }

  #look(): void {
    if (!this.#running) return
    const before = this.#watch
    this.#watch = tick(before, this.#bootMs())
    if (this.#watch.sickUntilMs > before.sickUntilMs) {
      for (const engine of this.#services.values()) engine.forget()
      this.#emitter.emit({ type: 'engine-paused', at: this.#clock.wallMs(), pauseMs: this.#watch.pauseMs })
    }
    for (const engine of this.#services.values()) engine.look()
  }

  #isSick(): boolean {
    return sickness(this.#watch, this.#bootMs()) !== undefined
  }

  #ownReport(): NodeReport {
    const { people, identities } = this.#options
    const [hold, maintenance] = [people.hold(), people.maintenance()]
    return {
      hold: hold && { since: hold.since, because: wireText(hold.because) },
      maintenance: maintenance === undefined ? undefined : wireText(maintenance),
      // More than peers would read.
      identities: identities().slice(0, MOST_IDENTITIES),
      services: Object.fromEntries([...this.#services].map(([name, engine]) => [name, engine.report()])),
    }
  }

  async #ask(node: string, request: PerformRequest, signal: AbortSignal): Promise<PerformAnswer> {
    // Everybody knows that we move it before anybody sees the lease free.
    if (request.action.type === 'prepare') this.#reports.tell()
    return readPerformAnswer(await this.#options.peers.request(node, 'failover-perform', request, { timeoutMs: request.allowedMs, signal }))
  }

  #find(service: string): ServiceEngine {
    const engine = this.#services.get(service)
    if (engine) return engine
    const names = [...this.#services.keys()].join(', ')
    throw new HotspareError({
      code: 'HOTSPARE_FAILOVER_UNKNOWN_SERVICE',
      message: `failover: there is no service "${service}"; there are: ${names}`,
    })
  }
}

/**
 * Makes the engine of one node; no I/O before `start`.
 *
 * @throws HotspareError `HOTSPARE_FAILOVER_OPTIONS` that names each wrong option
 */
export function createFailover(options: FailoverOptions): Failover {
  return new Failover(resolveFailoverOptions(options))
}
