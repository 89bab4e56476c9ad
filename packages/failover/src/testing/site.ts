import { createHash } from 'node:crypto'
import { errorText, type Random, seededRandom } from '@hotspare/core'
import { type SimulatedMachine, Simulation } from '@hotspare/core/testing'
import { decisionDefaults } from '../defaults.ts'
import type { FailoverEvent } from '../events.ts'
import type { OnControlLoss, ServiceDefinition } from '../service.ts'
import { type ChannelNetwork, channelNetwork, sendResets } from './channel.ts'
import type { SimulatedDrivers, SimulatedHeartbeats, SimulatedLeases } from './drivers.ts'
import { Judge } from './judge.ts'
import { Lan } from './lan.ts'
import { VirtualNode } from './node.ts'
import { VirtualProcess } from './process.ts'
import { Wires } from './wires.ts'

/** What may be taken away, to see that the simulator notices. Never outside of a test. */
export interface Mutations {
  /** Leases and gates reckon with perfect clocks. */
  readonly withoutMargin?: boolean | undefined
  /** A right that was granted counts as valid for ever. */
  readonly withoutTokenCheck?: boolean | undefined
  /** A process that stood still believes what it saw before, and the timeouts that ran out meanwhile. */
  readonly withoutPauseGuard?: boolean | undefined
}

export interface SiteOptions extends Mutations {
  readonly seed: number
  readonly drivers: SimulatedDrivers
  readonly hasArbiter: boolean
  /** Default: drawn */
  readonly onControlLoss?: OnControlLoss | undefined
  readonly trace?: ((line: string) => void) | undefined
}

const TTL_MS = 1_000
const GATE_MARGIN_MS = 25
const ARBITER = 'arbiter'
/** As far off as a clock may be that is slewed as fast as chrony does it. */
const CLOCK_RATE_ERROR = 0.0834

/** Machines, networks and an arbiter, in one virtual time; what people and faults do to them is for others to say. */
export class Site {
  readonly simulation: Simulation
  /** For the schedule alone, so that it does not depend on what the engines do. */
  readonly random: Random
  readonly nodes: readonly VirtualNode[]
  readonly wires: Wires
  readonly judge: Judge
  readonly service: ServiceDefinition
  readonly violations: string[] = []
  readonly hasArbiter: boolean
  /** Told when a plan begins, and when a right is granted: the worst moments for a fault. */
  onPlan: (() => void) | undefined
  onGrant: ((node: VirtualNode) => void) | undefined
  /** How many plans have begun. */
  plans = 0
  readonly #options: SiteOptions
  readonly #lan: Lan
  readonly #channel: ChannelNetwork
  readonly #heartbeats: SimulatedHeartbeats
  readonly #leases: SimulatedLeases
  readonly #hash = createHash('sha256')
  readonly #servedFall: number
  arbiter: SimulatedMachine | undefined

  constructor(options: SiteOptions) {
    const { seed, drivers, hasArbiter } = options
    this.#options = options
    this.hasArbiter = hasArbiter
    this.random = seededRandom(Math.imul(seed, 2_654_435_761))
    this.simulation = new Simulation({ seed })
    const names = this.chance(0.2) ? ['web-1', 'web-2', 'web-3'] : ['web-1', 'web-2']
    const drawn = this.chance(0.5) ? 'keep' : 'release'
    this.service = {
      name: 'shop',
      members: names,
      onControlLoss: options.onControlLoss ?? drawn,
      failback: this.chance(0.3) ? { type: 'after', holdMs: 1_000 } : { type: 'manual' },
      maxFailoversPerHour: decisionDefaults.maxFailoversPerHour,
    }
    this.#servedFall = this.chance(0.5) ? 1 : 2
    this.#lan = new Lan(this.simulation)
    this.#channel = channelNetwork(this.simulation)
    this.#heartbeats = drivers.heartbeats(this.simulation, names)
    this.#leases = drivers.leases(this.simulation)
    const wires = [this.#lan.network, this.#channel, this.#heartbeats.wire, this.#leases.wire].filter((wire) => wire !== undefined)
    this.wires = new Wires(wires, () => this.simulation.nowMs)
    this.nodes = names.map(
      (name) => new VirtualNode(this.simulation, name, { clockRate: this.clockRate(), startMs: this.between(1_000, 1e8) }),
    )
    this.judge = new Judge({
      nodes: this.nodes,
      wires: this.wires,
      onControlLoss: this.service.onControlLoss,
      hasArbiter,
      nowMs: () => this.simulation.nowMs,
      violate: (what) => this.violate(what),
    })
    this.startArbiter()
    for (const node of this.nodes) {
      this.#lan.attach(node.kernel)
      this.simulation.at(this.between(0, 500), () => this.startProcess(node))
    }
  }

  get withoutHolder(): boolean {
    return !this.nodes.some(({ kernel }) => kernel.serves)
  }

  /** Sums the run up: the same for two runs that did the same. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16)
  }

  tell(what: string): void {
    const line = `${this.simulation.nowMs.toFixed(3)} ${what}`
    this.#hash.update(line)
    this.#options.trace?.(line)
  }

  violate(what: string): void {
    this.tell(`VIOLATION ${what}`)
    this.violations.push(`at ${this.simulation.nowMs.toFixed(1)} ms: ${what}`)
  }

  startArbiter(): void {
    if (!this.hasArbiter) return
    this.arbiter = this.simulation.machine(ARBITER)
    this.#leases.serve?.(this.arbiter)
  }

  startProcess(node: VirtualNode): void {
    if (node.lives || !node.kernel.machine.running) return
    const machine = node.processMachine()
    const { withoutMargin = false, withoutTokenCheck = false, withoutPauseGuard = false } = this.#options
    // Whatever starts, starts in its own time.
    const process = new VirtualProcess({
      simulation: this.simulation,
      random: this.simulation.random,
      machine,
      kernel: node.kernel,
      disk: node.disk,
      peerNodes: this.nodes.filter((other) => other !== node).map(({ name }) => name),
      service: this.service,
      lan: this.#lan,
      channel: this.#channel,
      heartbeats: this.#heartbeats,
      leases: this.#leases,
      ttlMs: TTL_MS,
      gateMarginMs: withoutMargin ? 0 : GATE_MARGIN_MS,
      servedFall: this.#servedFall,
      withoutMargin,
      withoutTokenCheck,
      withoutPauseGuard,
      event: (event) => this.#happened(node, event),
      granted: () => this.onGrant?.(node),
      acquired: (token) => {
        this.tell(`${node.name} has the address under ${token}`)
        this.judge.acquired(node, token)
      },
      released: () => {
        this.tell(`${node.name} has let go of the address`)
        this.judge.released(node)
      },
    })
    node.begun(process)
    process.start().catch((error: unknown) => this.violate(`${node.name} could not start: ${errorText(error)}`))
  }

  killProcess(node: VirtualNode, { told }: { readonly told: boolean }): void {
    const session = node.process?.heartbeat.session
    node.kill()
    const others = this.nodes.filter((other) => other !== node).map(({ name }) => name)
    if (told && session !== undefined && node.kernel.machine.running) sendResets(this.#channel, node.name, others, session)
  }

  boot(node: VirtualNode): void {
    this.#lan.attach(node.boot())
  }

  resume(node: VirtualNode): void {
    // At the slowest rate that a clock may have.
    const staleMs = (TTL_MS + 50) / (1 - CLOCK_RATE_ERROR)
    node.resume(staleMs)
    this.simulation.at(this.simulation.nowMs + staleMs + 0.001, () => this.judge.compareHolders())
  }

  /** As often as not as far off as may be: that is where margins are too small. */
  clockRate(): number {
    const off = 2 * this.random.next() - 1
    return 1 + (this.chance(0.5) ? Math.sign(off) : off) * CLOCK_RATE_ERROR
  }

  between(least: number, most: number): number {
    return least + this.random.next() * (most - least)
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    const item = items[Math.floor(this.random.next() * items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  #happened(node: VirtualNode, event: FailoverEvent): void {
    const { at: _, ...about } = event
    this.tell(`${node.name} ${JSON.stringify(about)}`)
    this.judge.happened(node, event)
    if (event.type !== 'plan-started') return
    this.plans += 1
    this.onPlan?.()
  }
}
