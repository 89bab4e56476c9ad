import type { HealthState, Random } from '@hotspare/core'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { FailoverEvent } from '../events.ts'
import type { Hold } from '../facts.ts'
import { createFailover, type Failover } from '../failover.ts'
import type { Instructions } from '../make-plan.ts'
import { peerLeaseMethod } from '../peer-lease-message.ts'
import { failoverMethods, type FailoverMethod, type GrantedRight, type LeasePort, type PeersPort } from '../ports.ts'
import type { ServiceDefinition } from '../service.ts'
import { type ChannelNetwork, type ChannelRequest, VirtualChannel } from './channel.ts'
import { VirtualControl } from './control.ts'
import type { SimulatedHeartbeat, SimulatedHeartbeats, SimulatedLeases } from './drivers.ts'
import type { VirtualKernel } from './kernel.ts'
import type { Lan } from './lan.ts'
import { virtualAddress } from './virtual-address.ts'

/** What a node keeps on its disk. */
export interface VirtualDisk {
  hold: Hold | undefined
  /** When it was set, in true time. */
  heldAtMs: number
  /** Why people want no service here. */
  maintenance: string | undefined
}

export interface VirtualProcessOptions {
  readonly simulation: Simulation
  readonly random: Random
  /** The process; the machine under it is the kernel's. */
  readonly machine: SimulatedMachine
  readonly kernel: VirtualKernel
  readonly disk: VirtualDisk
  readonly peerNodes: readonly string[]
  readonly service: ServiceDefinition
  readonly lan: Lan
  readonly channel: ChannelNetwork
  readonly heartbeats: SimulatedHeartbeats
  readonly leases: SimulatedLeases
  readonly ttlMs: number
  readonly gateMarginMs: number
  readonly servedFall: number
  readonly withoutMargin: boolean
  readonly withoutTokenCheck: boolean
  readonly withoutPauseGuard: boolean
  readonly event: (event: FailoverEvent) => void
  readonly granted: () => void
  readonly acquired: (token: number) => void
  readonly released: () => void
}

/** Hotspare's process on one node: the real engine, lease and heartbeat, over what is virtual. */
export class VirtualProcess {
  readonly machine: SimulatedMachine
  readonly failover: Failover
  readonly heartbeat: SimulatedHeartbeat
  /** Under which right it acts, and since when, in true time. */
  granted: { readonly right: GrantedRight; readonly sinceMs: number } | undefined
  readonly #options: VirtualProcessOptions
  readonly #channel: VirtualChannel
  readonly #control: VirtualControl
  readonly #lease: ReturnType<SimulatedLeases['make']>
  readonly #heard = new Set<string>()
  readonly #listeners = new Set<() => void>()

  constructor(options: VirtualProcessOptions) {
    const { machine, kernel, peerNodes, service, heartbeats, leases, ttlMs, withoutMargin, simulation, random } = options
    const { name: node, clock } = machine
    this.machine = machine
    this.#options = options
    this.heartbeat = heartbeats.make({ node, peers: peerNodes, machine, random })
    this.heartbeat.subscribe(() => this.#changed())
    const { session } = this.heartbeat
    this.#channel = new VirtualChannel({
      network: options.channel,
      machine,
      session,
      answer: (request) => this.#answer(request),
      heard: (peer) => {
        if (this.#heard.has(peer)) return
        this.#heard.add(peer)
        this.#changed()
      },
      reset: (peer, gone) => this.heartbeat.processGone(peer, { session: gone, because: 'its connection was reset' }),
    })
    const peers = this.#peers()
    const { name, members } = service
    this.#lease = leases.make({ node, name, members, machine, ttlMs, withoutMargin, peers })
    this.failover = createFailover({
      node,
      peerNodes,
      services: [
        {
          definition: service,
          lease: this.#watched(this.#lease.lease),
          resources: [virtualAddress({ ...options, kernel, clock, onControlLoss: service.onControlLoss, marginMs: options.gateMarginMs })],
          instructions: instructionsFor(ttlMs),
          hasCheck: true,
        },
      ],
      peers,
      people: { hold: () => options.disk.hold, maintenance: () => options.disk.maintenance },
      pauseMs: options.withoutPauseGuard ? Number.MAX_SAFE_INTEGER : undefined,
      clock,
      bootMs: () => machine.bootMs(),
    })
    this.failover.subscribe(options.event)
    const tell = (state: HealthState, because: string) => this.failover.setCheck(name, { state, since: clock.wallMs(), because })
    this.#control = new VirtualControl({
      ...options,
      simulation,
      looksAtAddress: service.onControlLoss === 'keep',
      setCheck: tell,
      setServed: (state, because) => this.failover.setServed(name, { state, since: clock.wallMs(), because }),
    })
  }

  async start(): Promise<void> {
    await this.heartbeat.start()
    await this.failover.start()
  }

  /** As SIGTERM does it. */
  async stop(): Promise<void> {
    await this.failover.stop({ handOver: true })
    this.#control.stop()
    await this.heartbeat.stop()
    this.#channel.close()
  }

  #peers(): PeersPort & {
    request(node: string, method: string, body: unknown, options: { readonly timeoutMs: number }): Promise<unknown>
  } {
    return {
      verdict: (peer) => this.heartbeat.verdict(peer),
      agrees: (peer) => (this.#heard.has(peer) ? true : undefined),
      request: (to: string, method: string, body: unknown, options: Parameters<VirtualChannel['request']>[3]) =>
        this.#channel.request(to, method, body, options),
      subscribe: (listener) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  async #answer({ peer, method, body, signal }: ChannelRequest): Promise<unknown> {
    if (method === peerLeaseMethod) return this.#lease.answer?.(body, { peer })
    if (isFailoverMethod(method)) return this.failover.answer(method, body, { peer, signal })
    throw new Error(`nobody answers ${method}`)
  }

  /** Notes what is granted; without the token check, what is granted once counts as valid for ever. */
  #watched(lease: LeasePort): LeasePort {
    const { withoutTokenCheck, simulation } = this.#options
    return {
      start: () => lease.start(),
      verdict: () => lease.verdict(),
      look: () => lease.look(),
      invite: () => lease.invite?.(),
      subscribe: (listener) => lease.subscribe(listener),
      stop: (options) => lease.stop(options),
      acquire: async (options) => {
        const right = await lease.acquire(options)
        this.granted = { right, sinceMs: simulation.nowMs }
        this.#options.granted()
        return withoutTokenCheck ? unchecked(right) : right
      },
    }
  }
}

function unchecked(right: GrantedRight): GrantedRight {
  return {
    token: right.token,
    get deadlineMs() {
      return right.deadlineMs
    },
    signal: right.signal,
    isValid: () => true,
    confirm: (options) => right.confirm(options),
    release: (options) => right.release(options),
    handOver: async (invitation, options) => right.handOver?.(invitation, options),
  }
}

function isFailoverMethod(method: string): method is FailoverMethod {
  return failoverMethods.some((each) => each === method)
}

/** Steps in words for nobody: only their times matter here. */
function instructionsFor(ttlMs: number): Instructions {
  return {
    prepare: (node) => timed(`${node} is asked.`, 1_000),
    lease: (verb, node) => timed(`${node} is to ${verb} the lease.`, verb === 'take' ? 2 * ttlMs + 1_000 : ttlMs),
    resource: (_id, verb, node) => timed(`${node} is to ${verb} the address.`, 2_000),
  }
}

function timed(what: string, allowedMs: number): ReturnType<Instructions['prepare']> {
  return { what, manual: ['hotspare status'], verification: { command: 'hotspare status', expect: 'active' }, allowedMs }
}
