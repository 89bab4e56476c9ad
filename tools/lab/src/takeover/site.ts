import { join, resolve } from 'node:path'
import { type Attempt, hasHeldSince, Recording, sharedMs, type Span, startClient, startService, wallToSharedMs } from '@hotspare/netlab'
import { createNetwork, type Machine, type RunningProgram, until } from '../network.ts'
import { heldSpans, type HeldChange, parseMonitor } from './address-log.ts'
import { captureParameters, type Claim, parseClaims } from './arp-log.ts'
import type { WatchOptions } from './watch.process.ts'

export const nodeNames = ['node1', 'node2'] as const
export type NodeName = (typeof nodeNames)[number]

export const VIP = '10.77.0.100'
export const SERVICE_PORT = 8080
/** Answers for as long as the machine lives: where the observers knock. */
const WATCH_PORT = 9
const OBSERVER_OF = { node1: 'obs1', node2: 'obs2' } as const
const PROBE_EVERY_MS = 10
const PROBE_TIMEOUT_MS = 200
/** For this long a state must have lasted to be called one. */
export const LASTING_MS = 500

type MachineName = NodeName | 'client' | 'arbiter' | 'obs1' | 'obs2'

/** What a site needs to be installed. */
export const sitePrograms = ['ip', 'tcpdump'] as const

/**
 * A site: its services, its client and its observers run, and nobody has the address.
 * @param whenDone called with what removes it. Default: it is made for the running test, and removed after it
 */
export async function createSite(whenDone?: (remove: () => void) => void): Promise<Site> {
  const site = new Site(createNetwork(['node1', 'node2', 'client', 'arbiter', 'obs1', 'obs2'], whenDone))
  await site.start()
  return site
}

/**
 * Two nodes with a service, a client of the address that both want, an arbiter beside them, and observers.
 *
 * Each observer reaches one node alone: for it, the address has that node's hardware address for ever. A connection that it
 * gets shows a holder at that instant, whatever ARP says. It is never cut off, and nobody learns anything from its frames.
 */
export class Site {
  readonly machines: Readonly<Record<MachineName, Machine>>
  readonly #client: Recording<Attempt>
  readonly #probes: Record<NodeName, Recording<Attempt>>
  readonly #changes: Record<NodeName, Recording<HeldChange>>
  readonly #monitors: Record<NodeName, RunningProgram[]> = { node1: [], node2: [] }
  readonly #services = new Map<NodeName, RunningProgram>()
  /** A machine without power has no address, and nobody left on it to say so. */
  readonly #powerOffs: Record<NodeName, HeldChange[]> = { node1: [], node2: [] }
  #capture: RunningProgram | undefined

  constructor(machines: Readonly<Record<MachineName, Machine>>) {
    this.machines = machines
    const { node1, node2, client, obs1, obs2 } = this.machines
    this.#client = new Recording(recordOf(client))
    this.#probes = { node1: new Recording(recordOf(obs1)), node2: new Recording(recordOf(obs2)) }
    this.#changes = { node1: new Recording(recordOf(node1)), node2: new Recording(recordOf(node2)) }
  }

  async start(): Promise<void> {
    const capture = this.machines.client.runAtSwitch('tcpdump', captureParameters)
    this.#capture = capture
    await until(() => capture.output().includes('listening on'), 'the capture runs')
    await Promise.all(nodeNames.map((node) => this.startNode(node)))
    for (const node of nodeNames) {
      const observer = this.machines[OBSERVER_OF[node]]
      observer.pin(VIP, this.machines[node])
      const probe = { host: VIP, port: WATCH_PORT, everyMs: PROBE_EVERY_MS, timeoutMs: PROBE_TIMEOUT_MS, exchange: false }
      startClient(observer, { ...probe, file: recordOf(observer) })
    }
    const { client } = this.machines
    startClient(client, { host: VIP, port: SERVICE_PORT, everyMs: 5, timeoutMs: 1_000, exchange: true, file: recordOf(client) })
    await until(() => [this.#client, this.#probes.node1, this.#probes.node2].every((all) => all.values().length > 0), 'all clients run')
  }

  /** Starts the service, and the watch over the address. */
  async startNode(node: NodeName): Promise<void> {
    const machine = this.machines[node]
    // Asking for the observer by ARP, in the name of the address, would tell everybody where the address is.
    const observer = this.machines[OBSERVER_OF[node]]
    machine.pin(observer.address, observer)
    const options: WatchOptions = { address: VIP, everyMs: PROBE_EVERY_MS, port: WATCH_PORT, file: recordOf(machine) }
    const watch = startWatch(machine, options)
    this.#monitors[node].push(machine.run('ip', ['-ts', 'monitor', 'address', 'dev', 'eth0'], { TZ: 'UTC' }))
    await until(
      () => watch.output().includes('ready'),
      () => `the watch on ${node} runs: ${watch.output()}`,
    )
    await this.startService(node)
  }

  async startService(node: NodeName): Promise<void> {
    const service = startService(this.machines[node], { name: node, ports: [SERVICE_PORT] })
    this.#services.set(node, service)
    await until(
      () => service.output().includes('ready'),
      () => `the service on ${node} runs: ${service.output()}`,
    )
  }

  async killService(node: NodeName): Promise<void> {
    this.#services.get(node)?.child.kill('SIGKILL')
    await this.#services.get(node)?.ended
  }

  powerOff(node: NodeName): void {
    this.#powerOffs[node].push({ atMs: sharedMs(), held: false })
    this.machines[node].powerOff()
  }

  async powerOn(node: NodeName): Promise<void> {
    this.machines[node].plug()
    await this.startNode(node)
  }

  /** The client's connections. */
  attempts(): readonly Attempt[] {
    return this.#client.values()
  }

  /** The observer's connections to that node. */
  probes(node: NodeName): readonly Attempt[] {
    return this.#probes[node].values()
  }

  /** Who has held the address in the last half second, by the observers. */
  holders(): readonly NodeName[] {
    return nodeNames.filter((node) => hasHeldSince(this.probes(node), sharedMs() - LASTING_MS))
  }

  /** When a node had the address, by its own kernel, whether or not it was to be reached there; to some 10 ms. */
  addressSpans(node: NodeName): readonly Span[] {
    const monitored = this.#monitors[node].map(({ output }) => parseMonitor(output(), VIP, wallToSharedMs))
    return heldSpans([this.#changes[node].values(), this.#powerOffs[node], ...monitored], sharedMs())
  }

  /** Who claimed the address on the network. */
  claims(): readonly (Claim & { readonly node: string })[] {
    const nodeOf = new Map(Object.values(this.machines).map(({ port, name }) => [port, name]))
    return parseClaims(this.#capture?.output() ?? '', VIP, wallToSharedMs).map((claim) => ({
      ...claim,
      node: nodeOf.get(claim.port) ?? claim.port,
    }))
  }

  /** Waits until one node alone has held the address, and the client has been served, for half a second. */
  async settled(): Promise<NodeName> {
    const isSettled = () => {
      const since = sharedMs() - LASTING_MS
      const recent = this.attempts().filter(({ startMs }) => startMs > since)
      return this.holders().length === 1 && recent.length > 20 && recent.every(({ outcome }) => outcome === 'ok')
    }
    await until(isSettled, () => `one holder, and the client is served: ${this.holders().join(' and ') || 'nobody'}`)
    const [holder] = this.holders()
    return holder ?? this.settled()
  }
}

/** Where what runs there records. */
function recordOf({ folder }: Machine): string {
  return join(folder, 'recorded.jsonl')
}

function startWatch(machine: Machine, options: WatchOptions): RunningProgram {
  const script = resolve(import.meta.dirname, 'watch.process.ts')
  return machine.run(process.execPath, ['--conditions=@hotspare/source', script, JSON.stringify(options)])
}
