import { type HealthState, HotspareError, type Verdict } from '@hotspare/core'
import type { AcquireOptions, Outcome, Resource, Right } from '@hotspare/core/plan'
import { TestClock } from '@hotspare/core/testing'
import type { FailoverEvent } from './events.ts'
import { instructions, service, verdict } from './facts.fixture.ts'
import type { Hold, LeaseStanding } from './facts.ts'
import { createFailover, type Failover } from './failover.ts'
import type { FailoverMethod, GrantedRight, LeaseNews, LeasePort, PeersPort } from './ports.ts'
import type { CapacityOptions } from './room.ts'
import type { ServiceDefinition } from './service.ts'

/** One record for all nodes: who dies keeps it until somebody says that it has run out. */
export class MemoryArbiter {
  holder: string | null = null
  token = 0
  answers = true
  readonly leases: Set<MemoryLease> = new Set()

  expire(): void {
    this.#set(null)
  }

  grant(node: string): number {
    this.token += 1
    this.#set(node)
    return this.token
  }

  release(node: string): boolean {
    if (!this.answers || this.holder !== node) return false
    this.#set(null)
    return true
  }

  silence(): void {
    this.answers = false
    this.tell({ type: 'register-unreachable' })
  }

  tell(news: LeaseNews): void {
    for (const lease of this.leases) lease.hear(news)
  }

  #set(holder: string | null): void {
    this.holder = holder
    this.tell({ type: 'lease-holder-changed', holder })
  }
}

const INVITATION = 'for the holder'

/** One node's view of the record. */
export class MemoryLease implements LeasePort {
  readonly #node: string
  readonly #arbiter: MemoryArbiter
  readonly #listeners = new Set<(news: LeaseNews) => void>()
  readonly #waiting = new Set<() => void>()
  #ended: AbortController | undefined
  looks = 0
  /** Of the right that it grants. */
  deadlineMs: number = Infinity
  stopped = false

  constructor(node: string, arbiter: MemoryArbiter) {
    this.#node = node
    this.#arbiter = arbiter
  }

  start(): void {
    this.#arbiter.leases.add(this)
    this.hear({ type: 'lease-holder-changed', holder: this.#arbiter.holder })
  }

  verdict(): Verdict<LeaseStanding> {
    const { answers, holder } = this.#arbiter
    if (this.#ended) return verdict('held', 'it is ours')
    if (!answers || !this.#arbiter.leases.has(this)) return verdict('unknown', 'the arbiter is silent')
    return holder === null ? verdict('free', 'nobody has it') : verdict('elsewhere', `${holder} has it`)
  }

  async acquire({ signal, handover }: Parameters<LeasePort['acquire']>[0] = {}): Promise<GrantedRight> {
    if (handover !== undefined) this.#arbiter.expire()
    while (this.#arbiter.holder !== null || !this.#arbiter.answers) {
      await new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        this.#waiting.add(resolve)
      })
    }
    const ended = new AbortController()
    this.#ended = ended
    const token = this.#arbiter.grant(this.#node)
    const isValid = () => !ended.signal.aborted
    const release = async () => {
      this.lose()
      return this.#arbiter.release(this.#node)
    }
    const handOver = async (invitation: unknown) => {
      if (invitation !== INVITATION) return undefined
      this.lose()
      return { from: this.#node }
    }
    const confirm = async () => isValid() && this.#arbiter.answers
    const endMs = () => this.deadlineMs
    return {
      token,
      get deadlineMs() {
        return endMs()
      },
      signal: ended.signal,
      isValid,
      confirm,
      release,
      handOver,
    }
  }

  invite(): unknown {
    return INVITATION
  }

  /** The right ends here, whatever the arbiter says. */
  lose(): void {
    const ended = this.#ended
    this.#ended = undefined
    ended?.abort(new Error('the right has ended'))
  }

  look(): void {
    this.looks += 1
  }

  subscribe(listener: (news: LeaseNews) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.stopped = true
    const held = this.#ended !== undefined
    this.lose()
    if (held) this.#arbiter.release(this.#node)
    this.leave()
  }

  /** The process is gone, and with it whoever listened. */
  leave(): void {
    this.#arbiter.leases.delete(this)
  }

  hear(news: LeaseNews): void {
    for (const listener of this.#listeners) listener(news)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const goOn of waiting) goOn()
  }
}

/** A resource in memory, which notes what is done to it. */
export class MemoryResource implements Resource {
  readonly id: string
  readonly allowedMs = { acquire: 1_000, release: 1_000 } as const
  readonly #log: (what: string) => void
  held = false
  observed = 0
  prepared = 0
  /** What becomes of the next calls; by default they work at once. */
  onAcquire: ((options: AcquireOptions) => Promise<Outcome>) | undefined
  onRelease: (() => Promise<Outcome>) | undefined
  onObserve: (() => Promise<Verdict<'held' | 'absent'>>) | undefined

  constructor(id: string, log: (what: string) => void = () => {}) {
    this.id = id
    this.#log = log
  }

  instruction(): ReturnType<Resource['instruction']> {
    return { what: 'Move it.', manual: ['move it'], verification: { command: 'look', expect: 'there' } }
  }

  prepare(): void {
    this.prepared += 1
  }

  async observe(): Promise<Verdict<'held' | 'absent'>> {
    this.observed += 1
    return this.onObserve ? this.onObserve() : verdict(this.held ? 'held' : 'absent')
  }

  async acquire(right: Right, options: AcquireOptions = {}): Promise<Outcome> {
    this.#log(`acquire ${this.id}`)
    const outcome = this.onAcquire ? await this.onAcquire(options) : ({ ok: true, detail: `token ${right.token}` } as const)
    if (outcome.ok) this.held = true
    return outcome
  }

  async release(): Promise<Outcome> {
    this.#log(`release ${this.id}`)
    const outcome = this.onRelease ? await this.onRelease() : ({ ok: true, detail: 'gone' } as const)
    if (outcome.ok) this.held = false
    return outcome
  }
}

export interface MemoryNode {
  readonly name: string
  readonly failover: Failover
  readonly lease: MemoryLease
  readonly vip: MemoryResource
  readonly dns: MemoryResource
  readonly events: FailoverEvent[]
  check: HealthState
  /** Undefined: yes while a node that lives has the address. */
  served: 'yes' | 'no' | 'unknown' | undefined
  hold: Hold | undefined
  maintenance: string | undefined
  /** Whether anybody hears it. */
  alive: boolean
}

/** Nodes in one process: links are direct calls, the arbiter is a record. */
export class MemoryCluster {
  readonly clock: TestClock = new TestClock()
  readonly arbiter: MemoryArbiter = new MemoryArbiter()
  readonly nodes: Map<string, MemoryNode> = new Map()
  /** What was done to resources and between nodes, in order. */
  readonly log: string[] = []
  readonly #reserveMs: number
  readonly #capacity: CapacityOptions | undefined
  /** Nodes that are certain to be off. */
  readonly off: Set<string> = new Set()
  /** What becomes of a fence; by default the node loses its power, whoever it is. */
  onFence: ((target: string) => Promise<Outcome>) | undefined
  /** Called before a request arrives; throws to lose it. */
  onRequest: ((to: string, method: FailoverMethod, body: unknown) => void | Promise<void>) | undefined

  constructor({
    names = ['a', 'b'],
    reserveMs = 0,
    capacity,
    ...changes
  }: Partial<ServiceDefinition> & {
    readonly names?: readonly string[]
    readonly reserveMs?: number
    readonly capacity?: CapacityOptions
  } = {}) {
    this.#reserveMs = reserveMs
    this.#capacity = capacity
    for (const name of names) this.nodes.set(name, this.#make(name, names, service({ members: names, ...changes })))
    this.#check()
  }

  node(name: string): MemoryNode {
    const node = this.nodes.get(name)
    if (node) return node
    throw new Error(`there is no node ${name}`)
  }

  async start(): Promise<void> {
    for (const { failover } of this.nodes.values()) void failover.start()
    await this.clock.advance(1_000)
  }

  /** No packet of it arrives any more, and it hears none. Its lease is still in the register. */
  async kill(name: string): Promise<void> {
    const node = this.node(name)
    node.alive = false
    node.lease.leave()
  }

  /** All of it is gone, and with it what it held. */
  powerOff(name: string): void {
    const node = this.node(name)
    node.alive = false
    node.lease.leave()
    node.lease.lose()
    node.vip.held = false
    node.dns.held = false
    this.off.add(name)
  }

  role(name: string): string | undefined {
    return this.node(name).failover.snapshot()[0]?.role
  }

  #check(): void {
    this.clock.schedule(100, () => this.#check())
    for (const node of this.nodes.values()) {
      if (!node.alive) continue
      node.failover.setCheck('shop', verdict(node.check))
      const answers = [...this.nodes.values()].some(({ alive, vip }) => alive && vip.held)
      node.failover.setServed('shop', verdict(node.served ?? (answers ? 'yes' : 'no')))
    }
  }

  #make(name: string, names: readonly string[], definition: ServiceDefinition): MemoryNode {
    const note = (what: string) => void this.log.push(`${name}: ${what}`)
    const node: Omit<MemoryNode, 'failover'> & { failover?: Failover } = {
      name,
      lease: new MemoryLease(name, this.arbiter),
      vip: new MemoryResource('vip', note),
      dns: new MemoryResource('dns', note),
      events: [],
      check: 'up',
      served: undefined,
      hold: undefined,
      maintenance: undefined,
      alive: true,
    }
    const failover = createFailover({
      node: name,
      peerNodes: names.filter((other) => other !== name),
      services: [{ definition, lease: node.lease, resources: [node.vip, node.dns], instructions: instructions(), hasCheck: true }],
      peers: this.#link(name),
      people: { hold: () => node.hold, maintenance: () => node.maintenance },
      reserveMs: () => this.#reserveMs,
      capacity: this.#capacity,
      fence: {
        fence: async (target) => {
          note(`fence ${target}`)
          const outcome = this.onFence ? await this.onFence(target) : ({ ok: true, detail: 'off' } as const)
          if (outcome.ok) this.powerOff(target)
          return outcome
        },
        isOff: (target) => this.off.has(target),
      },
      clock: this.clock,
    })
    failover.subscribe((event) => node.events.push(event))
    return Object.assign(node, { failover })
  }

  #link(from: string): PeersPort {
    const up = (name: string) => this.nodes.get(from)?.alive !== false && this.nodes.get(name)?.alive === true
    return {
      verdict: (name) => verdict(up(name) ? 'up' : 'down'),
      agrees: () => true,
      subscribe: () => () => {},
      request: async (name, method, body, { signal }) => {
        await this.onRequest?.(name, method, body)
        if (!up(name)) throw new HotspareError({ code: 'HOTSPARE_TEST_LOST', message: `${name} does not answer` })
        const answer = await this.node(name).failover.answer(method, body, { peer: from, signal: signal ?? new AbortController().signal })
        if (!up(name)) throw new HotspareError({ code: 'HOTSPARE_TEST_LOST', message: `${name} has gone` })
        return JSON.parse(JSON.stringify(answer)) as unknown
      },
    }
  }
}
