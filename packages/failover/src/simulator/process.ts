import type { Random } from '@hotspare/core'
import type { Resource } from '@hotspare/core/plan'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import { createFailover, type Failover } from '../failover.ts'
import { peerLeaseMethod, peerLeaseNameOf } from '../peer-lease-message.ts'
import { failoverMethods, type FailoverMethod, type GrantedRight, type LeasePort, type PeersPort } from '../ports.ts'
import type { FencePort } from '../ports.ts'
import type { ServiceParts } from '../service-parts.ts'
import { type ChannelNetwork, type ChannelRequest, VirtualChannel } from './channel.ts'
import { VirtualControl } from './control.ts'
import type {
  SimulatedDrivers,
  SimulatedHeartbeat,
  SimulatedHeartbeats,
  SimulatedLease,
  SimulatedLeaseParts,
  SimulatedLeases,
} from './drivers.ts'
import { virtualInstructions } from './instructions.ts'
import type { Lan } from './lan.ts'
import { flatteredReport, mutatedDefinition, mutatedRight, unseenResource, untrueFence } from './mutate.ts'
import type { Mutations } from './mutations.ts'
import type { VirtualNode } from './node.ts'
import type { ProcessWatcher } from './process-watcher.ts'
import type { HeartbeatSpec, ScriptSpec, SiteSpec } from './schedule.ts'
import { type ResolvedService, serviceSpecDefaults } from './site-defaults.ts'
import { virtualAddress, type VirtualAddressOptions, virtualRecord } from './virtual-address.ts'
import { movedAddress } from './moved-address.ts'
import type { VirtualCloud } from './virtual-cloud.ts'
import { type VirtualDevices, VirtualFence } from './virtual-fence.ts'

export interface VirtualProcessOptions {
  readonly simulation: Simulation
  readonly random: Random
  /** The process; the machine under it is the kernel's. */
  readonly machine: SimulatedMachine
  readonly node: VirtualNode
  readonly peerNodes: readonly string[]
  /** Those that the node is a member of. */
  readonly services: readonly ResolvedService[]
  readonly rules: SiteSpec['rules']
  readonly capacity: SiteSpec['capacity']
  /** Undefined where nothing switches nodes off. */
  readonly devices: VirtualDevices | undefined
  readonly cloud: VirtualCloud
  readonly heartbeatSpec: HeartbeatSpec
  readonly lan: Lan
  readonly channel: ChannelNetwork
  readonly heartbeats: SimulatedHeartbeats
  readonly leases: SimulatedLeases
  readonly moved: SimulatedDrivers['moved']
  readonly mutations: Mutations
  readonly watcher: ProcessWatcher
}

/** What the engine and the leases ask peers by. */
type VirtualPeers = PeersPort & SimulatedLeaseParts['peers']

/** Half a second: far longer than whoever takes over needs. */
const RELEASES_LATE_MS = 500

/** Hotspare's process on one node: the real engine, lease and heartbeat, over what is virtual. */
export class VirtualProcess {
  readonly machine: SimulatedMachine
  readonly failover: Failover
  readonly heartbeat: SimulatedHeartbeat
  /** Under which rights it acts, by service, and since when, in true time. */
  readonly granted: Map<string, { readonly right: GrantedRight; readonly sinceMs: number }> = new Map()
  readonly #options: VirtualProcessOptions
  readonly #channel: VirtualChannel
  readonly #controls: readonly VirtualControl[]
  readonly #leases = new Map<string, SimulatedLease>()
  readonly #fingerprints = new Map<string, string>()
  readonly #listeners = new Set<() => void>()

  constructor(options: VirtualProcessOptions) {
    const { machine, node, peerNodes, services, heartbeats, random, mutations, watcher } = options
    const { disk, name } = node
    this.machine = machine
    this.#options = options
    this.heartbeat = heartbeats.make({ node: name, peers: peerNodes, machine, random })
    this.heartbeat.subscribe(() => {
      watcher.peersChanged()
      this.#changed()
    })
    const { session } = this.heartbeat
    this.#channel = new VirtualChannel({
      network: options.channel,
      machine,
      session,
      answer: (request) => this.#answer(request),
      fingerprint: () => disk.fingerprint,
      heard: (peer, fingerprint) => this.#heard(peer, fingerprint),
      reset: (peer, gone) => this.heartbeat.processGone(peer, { session: gone, because: 'its connection was reset' }),
    })
    const peers = this.#peers()
    this.failover = createFailover({
      node: name,
      peerNodes,
      services: services.map((service) => this.#partsOf(service, peers)),
      peers,
      people: { hold: () => (mutations.withoutHold ? undefined : disk.hold), maintenance: () => disk.maintenance },
      fence: this.#fence(),
      rules: options.rules,
      capacity: options.capacity,
      pauseMs: mutations.withoutPauseGuard ? Number.MAX_SAFE_INTEGER : undefined,
      clock: machine.clock,
      bootMs: () => machine.bootMs(),
    })
    this.failover.subscribe(watcher.event)
    this.#controls = services.map((service) => this.#controlOf(service))
    this.startControl()
  }

  async start(): Promise<void> {
    await this.heartbeat.start()
    await this.failover.start()
  }

  /** As SIGTERM does it. */
  async stop(): Promise<void> {
    await this.failover.stop({ handOver: true })
    this.stopControl()
    await this.heartbeat.stop()
    this.#channel.close()
  }

  startControl(): void {
    for (const control of this.#controls) control.start()
  }

  stopControl(): void {
    for (const control of this.#controls) control.stop()
  }

  /** The file was read again, and may be another one now. */
  reload(): void {
    this.#changed()
    this.failover.look()
  }

  #partsOf(service: ResolvedService, peers: VirtualPeers): ServiceParts {
    const { machine, node, leases, mutations, lan, random, watcher } = this.#options
    const { definition, ttlMs, records } = service
    const { name, members, onControlLoss } = definition
    const { withoutMargin = false } = mutations
    const lease = leases.make({ node: node.name, name, members, machine, ttlMs, withoutMargin, peers })
    this.#leases.set(name, lease)
    lease.lease.subscribe(({ type }) => {
      if (type === 'register-unreachable' || type === 'register-reachable') watcher.arbiterHeard(name, type === 'register-reachable')
    })
    const { kernel, actuators } = node
    const { clock } = machine
    const trouble = actuators.trouble(name, clock)
    const spec = withoutMargin ? { ...service.address, gateMarginMs: 0 } : service.address
    const common = { service: name, kernel, clock, random, spec, trouble }
    const address = this.#addressOf(service, {
      ...common,
      lan,
      onControlLoss,
      hasLifetime: onControlLoss === 'release' || mutations.withoutKeep === true,
      canRelease: () => !actuators.isFaulty(name, 'release'),
      acquired: (right) => watcher.acquired(name, right),
      released: (beganMs) => watcher.released(name, beganMs),
      releasesLateMs: mutations.withoutReleaseFirst ? RELEASES_LATE_MS : undefined,
    })
    const scripts = [
      ...Array.from({ length: records }, (): ScriptSpec => ({ takesMs: spec.commandMs, allowedMs: spec.allowedMs })),
      ...service.scripts,
    ]
    const others = scripts.map(({ takesMs, allowedMs }, index) =>
      virtualRecord(`record-${index + 1}`, { ...common, takesMs, allowedMs: { acquire: allowedMs, release: allowedMs / 2 } }),
    )
    const resources = [address, ...others]
    const leastMs = serviceSpecDefaults.address.allowedMs
    return {
      definition: mutatedDefinition(definition, mutations),
      lease: this.#watched(name, lease.lease),
      resources: mutations.withoutLooking ? resources.map(unseenResource) : resources,
      instructions: virtualInstructions({
        ttlMs,
        resourceMs: (id, verb) => Math.max(leastMs, resources.find((each) => each.id === id)?.allowedMs[verb] ?? 0),
        fenceMs: (target) => (this.#options.devices?.of(target)?.allowedMs ?? 0) + this.#heardMs,
      }),
      hasCheck: true,
    }
  }

  /** One of this machine's kernel, or one that a provider moves. */
  #addressOf({ definition, moved }: ResolvedService, options: VirtualAddressOptions): Resource {
    if (!moved) return virtualAddress(options)
    const { machine, node, cloud, random } = this.#options
    const { name, members } = definition
    const id = 'address'
    const provider = cloud.provider({ machine, service: name, spec: moved })
    const parts = { id, node: node.name, members, machine, random, spec: moved, provider }
    return movedAddress(this.#options.moved(parts), options)
  }

  get #heardMs(): number {
    const { timeoutMs, intervalMs } = this.#options.heartbeatSpec
    return timeoutMs + 2 * intervalMs
  }

  #fence(): FencePort | undefined {
    const { machine, devices, mutations } = this.#options
    if (!devices) return undefined
    const fence = new VirtualFence({ machine, devices, alive: (peer) => this.heartbeat.verdict(peer), heardMs: this.#heardMs })
    return mutations.withoutPowerOff ? untrueFence(fence) : fence
  }

  #controlOf(service: ResolvedService): VirtualControl {
    const { simulation, machine, node, lan, random, mutations, watcher } = this.#options
    const { clock } = machine
    const { name } = service.definition
    return new VirtualControl({
      simulation,
      machine,
      kernel: node.kernel,
      lan,
      random,
      service,
      setCheck: (state, because) => {
        watcher.checked(name, state)
        this.failover.setCheck(name, { state, since: clock.wallMs(), because })
      },
      setServed: (seen, because) => {
        const state = mutations.withoutServedLook ? 'no' : seen
        watcher.looked(name, state)
        this.failover.setServed(name, { state, since: clock.wallMs(), because })
      },
    })
  }

  #peers(): VirtualPeers {
    const { node, mutations } = this.#options
    return {
      verdict: (peer) => this.heartbeat.verdict(peer),
      agrees: (peer) => {
        const theirs = this.#fingerprints.get(peer)
        return theirs === undefined ? undefined : mutations.withoutAgreement === true || theirs === node.disk.fingerprint
      },
      request: async (to: string, method: string, body: unknown, options: Parameters<VirtualChannel['request']>[3]) => {
        const answer = await this.#channel.request(to, method, body, options)
        return mutations.withoutCandidateCheck && method === 'failover-report' ? flatteredReport(answer) : answer
      },
      subscribe: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
  }

  #heard(peer: string, fingerprint: string): void {
    if (this.#fingerprints.get(peer) === fingerprint) return
    this.#fingerprints.set(peer, fingerprint)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  async #answer({ peer, method, body, signal }: ChannelRequest): Promise<unknown> {
    if (method === peerLeaseMethod) return this.#leases.get(peerLeaseNameOf(body) ?? '')?.answer?.(body, { peer })
    if (!isFailoverMethod(method)) throw new Error(`nobody answers ${method}`)
    const heard = this.#options.mutations.withoutCandidateCheck && method === 'failover-report' ? flatteredReport(body) : body
    return this.failover.answer(method, heard, { peer, signal })
  }

  /** Notes what is granted. */
  #watched(service: string, lease: LeasePort): LeasePort {
    const { mutations, simulation, watcher } = this.#options
    return {
      start: () => lease.start(),
      verdict: () => lease.verdict(),
      look: () => lease.look(),
      invite: () => lease.invite?.(),
      subscribe: (listener) => lease.subscribe(listener),
      stop: (options) => lease.stop(options),
      acquire: async (options) => {
        const right = await lease.acquire(options)
        this.granted.set(service, { right, sinceMs: simulation.nowMs })
        watcher.granted(service, right)
        return mutatedRight(right, mutations)
      },
    }
  }
}

function isFailoverMethod(method: string): method is FailoverMethod {
  return failoverMethods.some((each) => each === method)
}
