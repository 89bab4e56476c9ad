import { HotspareError, type HealthState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { MemoryArbiter, MemoryLease, MemoryResource } from './cluster.fixture.ts'
import type { FailoverEvent } from './events.ts'
import { instructions, service, verdict } from './facts.fixture.ts'
import { createFailover, type Failover } from './failover.ts'
import type { PeersPort } from './ports.ts'
import type { CapacityOptions } from './room.ts'
import type { ServiceDefinition } from './service.ts'

/** A node with several services. */
export interface SeveralNode {
  readonly failover: Failover
  readonly leases: ReadonlyMap<string, MemoryLease>
  readonly vips: ReadonlyMap<string, MemoryResource>
  readonly events: FailoverEvent[]
  /** Of each service; `up` where nothing is said. */
  readonly checks: Map<string, HealthState>
  maintenance: string | undefined
  alive: boolean
}

/** Several services on nodes in one process, each with a lease of its own. */
export class SeveralServices {
  readonly clock: TestClock = new TestClock()
  readonly nodes: Map<string, SeveralNode> = new Map()
  readonly arbiters: Map<string, MemoryArbiter> = new Map()
  /** What was acquired and released, in order: `b: acquire db`. */
  readonly log: string[] = []
  readonly #definitions: readonly ServiceDefinition[]

  constructor(
    names: readonly string[],
    definitions: readonly (Partial<ServiceDefinition> & { readonly name: string })[],
    capacity?: CapacityOptions,
  ) {
    this.#definitions = definitions.map((each) => service({ members: names, onControlLoss: 'release', ...each }))
    for (const { name } of this.#definitions) this.arbiters.set(name, new MemoryArbiter())
    for (const name of names) this.nodes.set(name, this.#make(name, names, capacity))
    this.#check()
  }

  node(name: string): SeveralNode {
    const node = this.nodes.get(name)
    if (node) return node
    throw new Error(`there is no node ${name}`)
  }

  async start(): Promise<void> {
    for (const { failover } of this.nodes.values()) void failover.start()
    await this.clock.advance(5_000)
  }

  /** Nobody hears it, and what it held runs out: all at the same moment. */
  kill(name: string): void {
    const node = this.node(name)
    node.alive = false
    for (const [each, lease] of node.leases) {
      const arbiter = this.arbiters.get(each)
      lease.lose()
      lease.hear({ type: 'register-unreachable' })
      lease.leave()
      if (arbiter?.holder === name) arbiter.expire()
    }
  }

  /** It was only cut off: its leases are in the register again. */
  revive(name: string): void {
    const node = this.node(name)
    node.alive = true
    for (const lease of node.leases.values()) {
      lease.hear({ type: 'register-reachable' })
      lease.start()
    }
  }

  /** Where a service is active, by the word of the nodes that live. */
  activeOn(name: string): readonly string[] {
    return [...this.nodes].flatMap(([node, { alive, failover }]) => {
      const role = failover.snapshot().find((each) => each.name === name)?.role
      return alive && role === 'active' ? [node] : []
    })
  }

  concernOf(name: string): string | undefined {
    const told = [...this.nodes.values()].filter(({ alive }) => alive).flatMap(({ failover }) => failover.snapshot())
    return told.find((each) => each.name === name && each.concern !== undefined)?.concern
  }

  #answers(name: string): boolean {
    return [...this.nodes.values()].some(({ alive, vips }) => alive && vips.get(name)?.held === true)
  }

  #check(): void {
    this.clock.schedule(100, () => this.#check())
    for (const { alive, failover, checks } of this.nodes.values())
      for (const { name } of alive ? this.#definitions : []) {
        failover.setCheck(name, verdict(checks.get(name) ?? 'up'))
        failover.setServed(name, verdict(this.#answers(name) ? 'yes' : 'no'))
      }
  }

  #make(name: string, names: readonly string[], capacity: CapacityOptions | undefined): SeveralNode {
    const leases = new Map([...this.arbiters].map(([each, arbiter]) => [each, new MemoryLease(name, arbiter)]))
    const vips = new Map(
      this.#definitions.map((each) => [each.name, new MemoryResource(each.name, (what) => void this.log.push(`${name}: ${what}`))]),
    )
    const events: FailoverEvent[] = []
    const state: Omit<SeveralNode, 'failover'> = { leases, vips, events, checks: new Map(), maintenance: undefined, alive: true }
    const node: Omit<SeveralNode, 'failover'> & { failover?: Failover } = state
    const failover = createFailover({
      node: name,
      peerNodes: names.filter((other) => other !== name),
      services: this.#definitions.map((definition) => ({
        definition,
        lease: leases.get(definition.name) as MemoryLease,
        resources: [vips.get(definition.name) as MemoryResource],
        instructions: instructions(),
        hasCheck: true,
      })),
      peers: this.#link(name),
      people: { hold: () => undefined, maintenance: () => node.maintenance },
      capacity,
      clock: this.clock,
    })
    failover.subscribe((event) => events.push(event))
    return Object.assign(node, { failover })
  }

  #link(from: string): PeersPort {
    const up = (name: string) => this.nodes.get(from)?.alive !== false && this.nodes.get(name)?.alive === true
    return {
      verdict: (name) => verdict(up(name) ? 'up' : 'down'),
      agrees: () => true,
      subscribe: () => () => {},
      request: async (name, method, body, { signal }) => {
        if (!up(name)) throw new HotspareError({ code: 'HOTSPARE_TEST_LOST', message: `${name} does not answer` })
        const answer = await this.node(name).failover.answer(method, body, { peer: from, signal: signal ?? new AbortController().signal })
        return JSON.parse(JSON.stringify(answer)) as unknown
      },
    }
  }
}
