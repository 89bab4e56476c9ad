import { errorText } from '@hotspare/core'
import { type SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { FailoverEvent } from '../events.ts'
import { type ChannelNetwork, channelNetwork, sendResets } from './channel.ts'
import type { SimulatedDrivers, SimulatedHeartbeats, SimulatedLeases } from './drivers.ts'
import { ARBITER } from './fault.ts'
import { Judge } from './judge.ts'
import { Lan } from './lan.ts'
import { Ledger } from './ledger.ts'
import { Logbook } from './logbook.ts'
import type { Mutations } from './mutations.ts'
import { VirtualNode } from './node.ts'
import { VirtualProcess } from './process.ts'
import type { ProcessWatcher } from './process-watcher.ts'
import type { Run } from './run.ts'
import type { HeartbeatSpec, Schedule } from './schedule.ts'
import {
  backWithinMs,
  CLOCK_RATE_ERROR,
  filled,
  heartbeatSpecDefaults,
  POWER_ON_MS,
  knownWithinMs,
  type ResolvedService,
  resolveService,
} from './site-defaults.ts'
import { Transcript } from './transcript.ts'
import { VirtualCloud } from './virtual-cloud.ts'
import { VirtualDevices } from './virtual-fence.ts'
import { Wires } from './wires.ts'

export interface SiteOptions {
  readonly drivers: SimulatedDrivers
  readonly mutations: Mutations
  readonly trace: ((line: string) => void) | undefined
}

interface Watched {
  readonly service: ResolvedService
  readonly ledger: Ledger
  readonly judge: Judge
}

/** Machines, networks and an arbiter, in one virtual time; what people and faults do to them is for others to say. */
export class Site {
  readonly simulation: Simulation
  readonly nodes: readonly VirtualNode[]
  readonly wires: Wires
  readonly services: readonly ResolvedService[]
  readonly logbook: Logbook
  /** Within which time each service is served again after the last fault. */
  readonly backWithinMs: number
  /** Told when a plan begins, and when a right is granted: the worst moments for a fault. */
  onPlan: ((node: VirtualNode) => void) | undefined
  onGrant: ((node: VirtualNode) => void) | undefined
  arbiter: SimulatedMachine | undefined
  readonly cloud: VirtualCloud
  readonly devices: VirtualDevices
  readonly #options: SiteOptions
  readonly #schedule: Schedule
  readonly #watched: ReadonlyMap<string, Watched>
  readonly #lan: Lan
  readonly #channel: ChannelNetwork
  readonly #heartbeats: SimulatedHeartbeats
  readonly #leases: SimulatedLeases
  readonly #hasArbiter: boolean
  readonly #heartbeat: HeartbeatSpec
  readonly #transcript: Transcript

  constructor(schedule: Schedule, options: SiteOptions) {
    const { site, seed, clocks = {} } = schedule
    const { drivers } = options
    this.#options = options
    this.#schedule = schedule
    this.#hasArbiter = site.arbiter ?? true
    this.simulation = new Simulation({ seed })
    this.#transcript = new Transcript(() => this.simulation.nowMs, options.trace)
    this.services = site.services.map(resolveService)
    this.backWithinMs = backWithinMs(schedule, this.services)
    this.cloud = new VirtualCloud(this.simulation, () => this.#changed())
    const { simulation } = this
    this.devices = new VirtualDevices({ simulation, devices: site.fencing ?? {}, switchOff: (name) => this.#switchOff(name) })
    const heartbeat = filled(heartbeatSpecDefaults, site.heartbeat)
    this.#heartbeat = heartbeat
    const names = site.nodes.map(({ name }) => name)
    this.#lan = new Lan(this.simulation)
    this.#channel = channelNetwork(this.simulation)
    this.#heartbeats = drivers.heartbeats(this.simulation, { nodes: names, ...heartbeat })
    this.#leases = drivers.leases(this.simulation, { hasArbiter: this.#hasArbiter })
    const wires = [this.#lan.network, this.#channel, this.#heartbeats.wire, this.#leases.wire].filter((wire) => wire !== undefined)
    const nowMs = () => this.simulation.nowMs
    this.wires = new Wires(wires, nowMs)
    this.logbook = new Logbook(nowMs)
    this.nodes = names.map((name) => {
      const { rate = 1, startMs = 1_000_000 } = clocks[name] ?? {}
      const services = this.#servicesOf(name).map(({ definition }) => definition.name)
      return new VirtualNode({
        simulation: this.simulation,
        name,
        clockRate: rate,
        startMs,
        services,
        givenSinceMs: (service) => this.cloud.sinceMs(service, name),
        changed: () => this.#changed(),
      })
    })
    const knownMs = knownWithinMs({ services: this.services, heartbeat })
    this.#watched = new Map(this.services.map((service) => [service.definition.name, this.#watch(service, knownMs)]))
    this.simulation.onSettled = () => {
      for (const { ledger } of this.#watched.values()) ledger.look(this.simulation.nowMs)
    }
    this.startArbiter()
    for (const node of this.nodes) {
      this.#lan.attach(node.kernel)
      this.simulation.at(clocks[node.name]?.processAtMs ?? 0, () => this.startProcess(node))
    }
  }

  tell(what: string): void {
    this.#transcript.tell(what)
  }

  violate(what: string): void {
    this.#transcript.violate(what)
  }

  /** A machine has lost what it had. */
  faultStruck(): void {
    for (const { judge } of this.#watched.values()) judge.faultStruck()
  }

  startArbiter(): void {
    if (!this.#hasArbiter) return
    this.arbiter = this.simulation.machine(ARBITER)
    this.#leases.serve?.(this.arbiter)
  }

  startProcess(node: VirtualNode): void {
    if (node.lives || !node.kernel.machine.running) return
    // Whatever starts, starts in its own time.
    const process = new VirtualProcess({
      simulation: this.simulation,
      random: this.simulation.random,
      machine: node.processMachine(),
      node,
      peerNodes: this.nodes.filter((other) => other !== node).map(({ name }) => name),
      services: this.#servicesOf(node.name),
      rules: this.#schedule.site.rules,
      capacity: this.#schedule.site.capacity,
      devices: this.#schedule.site.fencing && this.devices,
      cloud: this.cloud,
      moved: (parts) => this.#options.drivers.moved(parts),
      heartbeatSpec: this.#heartbeat,
      lan: this.#lan,
      channel: this.#channel,
      heartbeats: this.#heartbeats,
      leases: this.#leases,
      mutations: this.#options.mutations,
      watcher: this.#watcher(node),
    })
    node.begun(process)
    process.start().catch((error: unknown) => this.violate(`${node.name} could not start: ${errorText(error)}`))
  }

  killProcess(node: VirtualNode, { told }: { readonly told: boolean }): void {
    const session = node.process?.heartbeat.session
    node.kill()
    this.gone(node)
    const others = this.nodes.filter((other) => other !== node).map(({ name }) => name)
    if (told && session !== undefined && node.kernel.machine.running) sendResets(this.#channel, node.name, others, session)
  }

  /** Its process is gone. */
  gone(node: VirtualNode): void {
    this.logbook.gone(node.name)
    for (const { judge } of this.#watched.values()) judge.ended(node)
  }

  /** A device has taken its power; somebody gives it back, in the calm at the latest. */
  #switchOff(name: string): void {
    const node = this.nodes.find((each) => each.name === name)
    const { simulation } = this
    if (!node?.kernel.machine.alive) return
    const { kernel } = node
    this.tell(`${name} is switched off`)
    this.faultStruck()
    node.cutPower()
    this.gone(node)
    const { backMs = Infinity } = this.devices.of(name) ?? {}
    const atMs = Math.min(simulation.nowMs + backMs, Math.max(this.#schedule.calmAtMs, simulation.nowMs + POWER_ON_MS))
    simulation.at(atMs, () => {
      if (node.kernel !== kernel) return
      this.tell(`${name} is switched on again`)
      this.boot(node)
      this.startProcess(node)
    })
  }

  boot(node: VirtualNode): void {
    this.#lan.attach(node.boot())
  }

  resume(node: VirtualNode): void {
    const ttlMs = Math.max(0, ...this.services.map((service) => service.ttlMs))
    // At the slowest rate that a clock may have.
    node.resume((ttlMs + 50) / (1 - CLOCK_RATE_ERROR))
  }

  isSettled(): boolean {
    const watched = [...this.#watched.values()]
    return watched.every(({ ledger }) => ledger.isServed) && watched.every(({ judge }) => judge.unsettled().length === 0)
  }

  /** Looks at everything once more, and sums the run up. */
  end(calmAtMs: number): Run {
    const { nowMs, events } = this.simulation
    const services: Record<string, Run['services'][string]> = {}
    for (const [name, { judge, ledger }] of this.#watched) {
      ledger.look(nowMs)
      const spans = ledger.spans(nowMs)
      const backMs = Math.max(0, (spans.unserved.at(-1)?.untilMs ?? 0) - calmAtMs)
      if (backMs > this.backWithinMs) this.violate(`nobody served ${name} for ${Math.round(backMs)} ms after the last fault`)
      judge.end()
      const holders = this.nodes.filter(({ kernel }) => kernel.holds(name)).map((node) => node.name)
      services[name] = { ...spans, holders, backMs }
    }
    const { plans, notices, struck } = this.logbook
    const digest = this.#transcript.digest()
    return { violations: this.#transcript.violations, plans, services, notices, struck, endMs: nowMs, events, digest }
  }

  #watch(service: ResolvedService, knownMs: number): Watched {
    const { name, members, onControlLoss, fencing } = service.definition
    const nodes = this.nodes.filter((node) => members.includes(node.name))
    const violate = (what: string) => this.violate(what)
    const ledger = new Ledger({ service: name, onControlLoss, isFenced: fencing?.mode === 'required', nodes, violate })
    const { wires, nodes: site } = this
    const judge = new Judge({
      service,
      nodes,
      site,
      wires,
      hasArbiter: this.#hasArbiter,
      holdersOf: (other) => this.nodes.filter(({ kernel }) => kernel.holds(other)),
      nowhereMs: (other) => {
        const watched = this.#watched.get(other)
        return watched && !watched.service.moved ? watched.ledger.nowhereMs(this.simulation.nowMs) : undefined
      },
      knownMs,
      nowMs: () => this.simulation.nowMs,
      violate,
    })
    return { service, ledger, judge }
  }

  #changed(): void {
    for (const { ledger } of this.#watched.values()) ledger.changed()
  }

  #servicesOf(node: string): readonly ResolvedService[] {
    return this.services.filter(({ definition }) => definition.members.includes(node))
  }

  #watcher(node: VirtualNode): ProcessWatcher {
    const { name } = node
    return {
      event: (event) => this.#happened(node, event),
      peersChanged: () => {
        const { process } = node
        if (!process) return
        for (const { name: peer } of this.nodes)
          if (peer !== name) this.logbook.notice({ node: name, about: 'peer', peer, state: process.heartbeat.verdict(peer).state })
      },
      checked: (service, state) => this.logbook.notice({ node: name, about: 'check', service, state }),
      looked: (service, state) => this.logbook.notice({ node: name, about: 'look', service, state }),
      arbiterHeard: (service, answers) => this.logbook.notice({ node: name, about: 'arbiter', service, state: answers ? 'up' : 'down' }),
      granted: (service, right) => {
        this.#watched.get(service)?.judge.granted(node, right)
        this.onGrant?.(node)
      },
      acquired: (service, right) => {
        this.tell(`${name} has the address of ${service} under ${right.token}`)
        this.#watched.get(service)?.judge.acquired(node, right)
      },
      released: (service, beganMs) => {
        this.tell(`${name} has let go of the address of ${service}`)
        this.#watched.get(service)?.judge.released(node, beganMs)
      },
    }
  }

  #happened(node: VirtualNode, event: FailoverEvent): void {
    const { at: _, ...about } = event
    this.tell(`${node.name} ${JSON.stringify(about)}`)
    this.logbook.happened(node.name, event)
    if ('service' in event) this.#watched.get(event.service)?.judge.happened(node, event)
    if (event.type === 'plan-started') this.onPlan?.(node)
  }
}
