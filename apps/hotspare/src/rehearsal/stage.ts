import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HotspareError, sleep, systemClock } from '@hotspare/core'
import {
  type Attempt,
  createNetwork,
  hasHeldSince,
  type Machine,
  type Network,
  Recording,
  type RunningProgram,
  sharedMs,
  startClient,
  startService,
} from '@hotspare/netlab'
import type { RehearsalPlan } from './rehearsal-plan.ts'

export interface StageOptions {
  readonly plan: RehearsalPlan
  /** The file of a node, given the folder that it keeps things in. */
  readonly fileOf: (node: string, state: string) => string
  readonly witnessFile: (file: string) => string
  /** What runs `hotspare`: the program and its first parameters. */
  readonly self: readonly [program: string, ...parameters: readonly string[]]
  readonly signal: AbortSignal
}

/** What of Hotspare can be hit on its own. */
export type Part = 'control' | 'guard' | 'all'

// Machines beside the nodes: no node has such a name.
const CLIENT = '+client'
export const ARBITER = '+arbiter'
const observerOf = (node: string) => `+observer-${node}`

/** Answers for as long as the machine lives: where the observers knock. */
const WATCH_PORT = 9
const CLIENT_EVERY_MS = 5
const CLIENT_TIMEOUT_MS = 1_000
const PROBE_EVERY_MS = 10
const PROBE_TIMEOUT_MS = 200
/** What has lasted so long is settled: longer than a connection of the client may take. */
const LASTING_MS = 1_200
/** systemd's RestartSec, as in the unit of the guide. */
const RESTART_MS = 100
const PATIENCE_MS = 60_000
const LOOK_MS = 20

/**
 * The nodes of a file as machines, each with Hotspare and a service on it, an arbiter, a client of the service's address, and for
 * each node an observer that reaches it alone: for it, the address has that node's hardware address for ever. A connection that it
 * gets shows a holder at that instant, whatever ARP says.
 */
export class Stage {
  readonly #options: StageOptions
  readonly #network: Network<string>
  readonly #client: Recording<Attempt>
  readonly #probes: ReadonlyMap<string, Recording<Attempt>>
  readonly #daemons = new Map<string, RunningProgram>()
  readonly #services = new Map<string, RunningProgram>()

  /** @throws Error where the network cannot be made */
  constructor(options: StageOptions) {
    this.#options = options
    const { nodes, arbiter, client } = options.plan
    const observers = nodes.map(({ name, observer }) => [observerOf(name), { addresses: [observer] }] as const)
    this.#network = createNetwork<string>({
      ...Object.fromEntries(nodes.map(({ name, addresses, interfaces }) => [name, { addresses, interfaces }])),
      ...Object.fromEntries(observers),
      [CLIENT]: { addresses: [client] },
      ...(arbiter ? { [ARBITER]: { addresses: [arbiter.address] } } : {}),
    })
    this.#client = new Recording(recordOf(this.machine(CLIENT)))
    this.#probes = new Map(nodes.map(({ name }) => [name, new Recording<Attempt>(recordOf(this.machine(observerOf(name))))]))
  }

  /** Raises the curtain: everything runs, and one node has the address. @throws HotspareError `HOTSPARE_APP_REHEARSAL` */
  async start(): Promise<void> {
    const { plan, witnessFile } = this.#options
    if (plan.arbiter) {
      const arbiter = this.machine(ARBITER)
      const file = join(arbiter.folder, 'witness.yaml')
      writeFileSync(file, witnessFile(join(arbiter.folder, 'witness.json')))
      const witness = this.#runSelf(arbiter, 'witness', '-c', file)
      await this.#until(() => witness.output().includes('the witness listens'), 'the arbiter', witness)
    }
    await Promise.all(this.nodes.map((node) => this.#furnish(node)))
    const { address, port } = plan.service
    const client = this.machine(CLIENT)
    const clientOptions = { host: address, everyMs: CLIENT_EVERY_MS, timeoutMs: CLIENT_TIMEOUT_MS, exchange: true }
    startClient(client, { ...clientOptions, port, file: recordOf(client) })
    for (const node of plan.service.members) {
      const observer = this.machine(observerOf(node))
      observer.pin(address, this.machine(node))
      const probe = { host: address, everyMs: PROBE_EVERY_MS, timeoutMs: PROBE_TIMEOUT_MS, exchange: false }
      startClient(observer, { ...probe, port: WATCH_PORT, file: recordOf(observer) })
    }
    await Promise.all(this.nodes.map((node) => this.startNode(node)))
  }

  /** How long after a failure rights may still change hands, in milliseconds. */
  get restMs(): number {
    return 1_000 + 1.5 * (this.#options.plan.arbiter?.ttlMs ?? 0)
  }

  get nodes(): readonly string[] {
    return this.#options.plan.nodes.map(({ name }) => name)
  }

  machine(name: string): Machine {
    const machine = this.#network.machines[name]
    if (!machine) throw new RangeError(`there is no machine ${name}`)
    return machine
  }

  /** What a node talks to: all other nodes, and the arbiter. */
  others(node: string): readonly string[] {
    return [...this.nodes.filter((name) => name !== node), ...(this.#options.plan.arbiter ? [ARBITER] : [])]
  }

  /** Another member of the service, the most preferred. */
  nextMember(node: string): string {
    return this.#options.plan.service.members.find((name) => name !== node) ?? node
  }

  /** Nothing passes between the two any more. */
  cut(one: string, other: string): void {
    this.machine(one).cutFrom(this.machine(other))
    this.machine(other).cutFrom(this.machine(one))
  }

  mendNetwork(): void {
    for (const name of Object.keys(this.#network.machines)) this.machine(name).mend()
  }

  async startService(node: string): Promise<void> {
    const { services } = this.#options.plan
    const ports = services.filter(({ members }) => members.includes(node)).map(({ port }) => port)
    if (ports.length === 0) return
    const service = startService(this.machine(node), { name: node, ports })
    this.#services.set(node, service)
    await this.#until(() => service.output().includes('ready'), `the services of ${node}`, service)
  }

  killService(node: string): void {
    this.#services.get(node)?.child.kill('SIGKILL')
  }

  /** Starts Hotspare on a node, and waits until it is ready. */
  async startNode(node: string): Promise<void> {
    const { fileOf } = this.#options
    const machine = this.machine(node)
    const file = join(machine.folder, 'hotspare.yaml')
    writeFileSync(file, fileOf(node, machine.folder))
    const daemon = this.#runSelf(machine, 'run', '-c', file)
    this.#daemons.set(node, daemon)
    await this.#until(() => daemon.output().includes('"type":"daemon-ready"'), `Hotspare on ${node}`, daemon)
  }

  /** As an init system does. */
  startAgainSoon(node: string): void {
    const again = sleep(RESTART_MS, { signal: this.#options.signal }).then(() => this.startNode(node))
    // The stage may be struck meanwhile; where it does not come back, the site never settles, and that is told.
    again.catch(() => {})
  }

  kill(node: string, part: Part): void {
    const pid = this.#daemons.get(node)?.child.pid
    if (pid === undefined) return
    if (part === 'all') process.kill(-pid, 'SIGKILL')
    else process.kill(part === 'guard' ? pid : controlOf(pid), 'SIGKILL')
  }

  /** After a loss of power. */
  async powerOn(node: string): Promise<void> {
    this.machine(node).plug()
    await this.#furnish(node)
    await this.startNode(node)
  }

  /** The client's connections. */
  attempts(): readonly Attempt[] {
    return this.#client.values()
  }

  /** The connections of a node's observer. */
  probes(node: string): readonly Attempt[] {
    return this.#probes.get(node)?.values() ?? []
  }

  /** Who has had the address for the last moments, by the observers. */
  holders(): readonly string[] {
    return this.nodes.filter((node) => hasHeldSince(this.probes(node), sharedMs() - LASTING_MS))
  }

  /** Waits until one node alone has the address and all its clients are served. @throws HotspareError `HOTSPARE_APP_REHEARSAL` */
  async settled(): Promise<string> {
    const isSettled = () => {
      const since = sharedMs() - LASTING_MS
      const recent = this.attempts().filter(({ startMs }) => startMs > since)
      return this.holders().length === 1 && recent.length > 20 && recent.every(({ outcome }) => outcome === 'ok')
    }
    await this.#until(isSettled, `one node that serves ${this.#options.plan.service.address}`)
    const [holder] = this.holders()
    return holder ?? this.settled()
  }

  /** What a daemon has logged since it was last started. */
  log(node: string): string {
    return this.#daemons.get(node)?.output() ?? ''
  }

  /** Ends all of it. Idempotent. */
  strike(): void {
    this.#network.remove()
  }

  async #furnish(node: string): Promise<void> {
    const machine = this.machine(node)
    const { plan } = this.#options
    if (plan.service.members.includes(node)) {
      // Asking for the observer by ARP, in the name of the address, would tell everybody where the address is.
      const observer = this.machine(observerOf(node))
      machine.pin(observer.address, observer)
      const watch = startService(machine, { name: node, ports: [WATCH_PORT] })
      await this.#until(() => watch.output().includes('ready'), `the watch on ${node}`, watch)
    }
    await this.startService(node)
  }

  #runSelf(machine: Machine, ...parameters: readonly string[]): RunningProgram {
    const [program, ...first] = this.#options.self
    return machine.run(program, [...first, ...parameters])
  }

  /** @throws HotspareError with what `program` has written */
  async #until(condition: () => boolean, what: string, program?: RunningProgram): Promise<void> {
    const { signal } = this.#options
    const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS
    while (!condition()) {
      const hasEnded = program !== undefined && (program.child.exitCode !== null || program.child.signalCode !== null)
      if (hasEnded || systemClock.monotonicMs() > deadlineMs) {
        const said = program ? lastLine(program.output()) : this.#state()
        const how = hasEnded ? 'ended' : `was not there within ${PATIENCE_MS / 1_000} s`
        throw new HotspareError({ code: 'HOTSPARE_APP_REHEARSAL', message: `lab: ${what} ${how}: ${said}` })
      }
      await sleep(LOOK_MS, { signal })
    }
  }

  #state(): string {
    const said = this.nodes.map((node) => `${node}: ${lastLine(this.log(node))}`)
    return `${this.holders().join(' and ') || 'no node'} has it; ${said.join('; ')}`
  }
}

/** Where what runs there records. */
function recordOf({ folder }: Machine): string {
  return join(folder, 'recorded.jsonl')
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) || 'it said nothing'
}

/** The control among the children of a guard. @throws HotspareError where it has none */
function controlOf(guard: number): number {
  const children = readFileSync(`/proc/${guard}/task/${guard}/children`, 'latin1').trim().split(' ')
  const control = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'latin1').includes('hotspare control'))
  if (control !== undefined) return Number(control)
  throw new HotspareError({ code: 'HOTSPARE_APP_REHEARSAL', message: `lab: process ${guard} has no control` })
}
