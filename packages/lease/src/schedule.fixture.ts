import { type Random, sleep } from '@hotspare/core'
import { type SimulatedMachine, Simulation, VirtualNetwork } from '@hotspare/core/testing'
import type { LeaseHandover } from './handover-message.ts'
import type { HeldLease } from './held-lease.ts'
import { createLease, type Lease } from './lease.ts'
import { type RegisterPacket, serveVirtualRegister, virtualRegister, type VirtualRecords } from './testing/virtual-register.ts'

const TTL_MS = 300
const CONTENDERS = ['one', 'two', 'three']
const FAULTY_MS = 12 * TTL_MS
/** A right that a dead holder left, a takeover, and the repetition of a call that the last fault has hit. */
const CALM_MS = 4 * TTL_MS

export interface Outcome {
  /** Two rights at one instant, a stale action, a token that did not grow. */
  readonly violations: readonly string[]
  readonly grants: number
  /** How many of the grants came by a handover. */
  readonly handovers: number
  readonly actions: number
  /** Whether somebody was granted the lease, acted under it or held it after the faults had stopped. */
  readonly live: boolean
}

export interface ScheduleOptions {
  /** Every clock's rate is off by up to this ratio, and changes. */
  readonly clockRateError: number
  /** Whether contenders believe that clocks are perfect. */
  readonly withoutMargin?: boolean | undefined
  /** Whether the store loses its data now and then; the wall clocks are right then. */
  readonly dataLoss?: boolean | undefined
  /** Whether no clock of a contender tells that its machine was suspended. */
  readonly blindToSuspends?: boolean | undefined
  /** By how much more a right that is handed over is said to have left than it has, in milliseconds. */
  readonly boastMs?: number | undefined
}

/** Runs contenders for one lease through faults that the seed draws, then through a calm. */
export async function runSchedule(seed: number, options: ScheduleOptions): Promise<Outcome> {
  return new Schedule(seed, options).run()
}

interface Contender {
  readonly machine: SimulatedMachine
  readonly lease: Lease
  held: HeldLease | undefined
  /** What was handed over to it last, if it has not taken it up. */
  handover: LeaseHandover | undefined
  /** Ends its wait for the lease. */
  wait: AbortController
}

class Schedule {
  readonly #simulation: Simulation
  readonly #random: Random
  readonly #network: VirtualNetwork<RegisterPacket>
  readonly #records: VirtualRecords = new Map()
  readonly #contenders = new Map<string, Contender>()
  readonly #options: ScheduleOptions
  readonly #violations: string[] = []
  #store: SimulatedMachine
  #grants = 0
  #handovers = 0
  #actions = 0
  #highestGrant = 0
  #highestAction = 0
  #lastUseMs = 0

  constructor(seed: number, options: ScheduleOptions) {
    this.#simulation = new Simulation({ seed })
    this.#random = this.#simulation.random
    this.#network = new VirtualNetwork(this.#simulation)
    this.#options = options
    this.#store = this.#startStore()
    for (const name of CONTENDERS) this.#startContender(name)
  }

  async run(): Promise<Outcome> {
    for (let atMs = this.#between(0, TTL_MS); atMs < FAULTY_MS; atMs += this.#between(0, TTL_MS))
      this.#simulation.at(atMs, () => this.#fault())
    await this.#simulation.run(FAULTY_MS)
    this.#calm()
    await this.#simulation.run(CALM_MS)
    const live = this.#lastUseMs > FAULTY_MS || [...this.#contenders.values()].some(({ held }) => held?.isValid())
    return { violations: this.#violations, grants: this.#grants, handovers: this.#handovers, actions: this.#actions, live }
  }

  #startStore(): SimulatedMachine {
    const machine = this.#simulation.machine('store')
    serveVirtualRegister(this.#network, machine, this.#records)
    return machine
  }

  #startContender(name: string): void {
    const startWallMs = 1_700_000_000_000 + this.#simulation.nowMs
    const machine = this.#simulation.machine(name, { clockRate: this.#clockRate(), startMs: this.#between(0, 1e9), startWallMs })
    const { withoutMargin, blindToSuspends } = this.#options
    const { clock } = machine
    const lease = createLease({
      ...(withoutMargin ? { clockRateError: 0, timerLatenessMs: 0, marginMs: 0.001 } : {}),
      register: virtualRegister(this.#network, machine, 'store'),
      name: 'shop',
      holder: name,
      ttlMs: TTL_MS,
      pollMs: TTL_MS / 5,
      clock: blindToSuspends ? { ...clock, wallMs: () => 1_700_000_000_000 + clock.monotonicMs() } : clock,
      bootMs: () => (blindToSuspends ? clock.monotonicMs() : machine.bootMs()),
    })
    const contender: Contender = { machine, lease, held: undefined, handover: undefined, wait: new AbortController() }
    this.#contenders.set(name, contender)
    this.#simulation.deliver(machine, 0, () => void this.#contend(contender))
  }

  /** Takes the lease, acts under it for a while, gives it back or keeps it until it is lost, and again. */
  async #contend(contender: Contender): Promise<void> {
    const { machine } = contender
    for (;;) {
      const held = await this.#acquire(contender)
      contender.held = held
      this.#granted(contender, held)
      const untilMs = machine.clock.monotonicMs() + this.#between(0, 8 * TTL_MS)
      while (!held.signal.aborted && machine.clock.monotonicMs() < untilMs) {
        await sleep(this.#between(0, TTL_MS / 5), { clock: machine.clock })
        if (held.isValid()) this.#act(contender, held)
      }
      const choice = this.#random.next()
      if (choice < 0.5) await this.#handOver(contender, held)
      else if (choice < 0.75) await held.release()
      else await this.#untilEnd(held)
      contender.held = undefined
      await sleep(this.#between(0, TTL_MS / 2), { clock: machine.clock })
    }
  }

  /** Waits for it; from the beginning again, with what was handed over. */
  async #acquire(contender: Contender): Promise<HeldLease> {
    for (;;) {
      contender.wait = new AbortController()
      const { signal } = contender.wait
      const { handover } = contender
      contender.handover = undefined
      try {
        return await contender.lease.acquire({ signal, handover })
      } catch (error) {
        if (!signal.aborted) throw error
      }
    }
  }

  /** Asks another one for an invitation, and sends it the right: late at times, twice at times, and at times never. */
  async #handOver({ machine }: Contender, held: HeldLease): Promise<void> {
    const heir = this.#contenders.get(this.#pick(CONTENDERS.filter((name) => name !== machine.name)))
    if (!heir) return void (await held.release())
    const askedMs = machine.clock.monotonicMs()
    const invitation = await this.#invite(machine, heir)
    await sleep(this.#between(0, TTL_MS / 10), { clock: machine.clock })
    const handover = await held.handOver(invitation, { ageMs: machine.clock.monotonicMs() - askedMs })
    if (!handover) return void (await held.release())
    const said = { ...handover, restMs: handover.restMs + (this.#options.boastMs ?? 0) }
    for (let copies = Math.floor(this.#random.next() * 3); copies > 0; copies--) {
      this.#simulation.deliver(heir.machine, this.#between(0, this.#random.next() < 0.7 ? 5 : TTL_MS), () => {
        heir.handover = said
        heir.wait.abort()
      })
    }
  }

  /** A machine that does not run answers late, or never: then it is asked in vain. */
  #invite(machine: SimulatedMachine, heir: Contender): Promise<unknown> {
    return new Promise((resolve) => {
      this.#simulation.deliver(heir.machine, this.#between(0, 5), () => {
        const invitation = heir.lease.invite()
        this.#simulation.deliver(machine, this.#between(0, 5), () => resolve(invitation))
      })
      void sleep(TTL_MS / 2, { clock: machine.clock }).then(() => resolve(undefined))
    })
  }

  #untilEnd({ signal }: HeldLease): Promise<void> {
    return new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })))
  }

  #granted(contender: Contender, { token }: HeldLease): void {
    this.#grants++
    // Nobody else takes the token right after another.
    if (token === this.#highestGrant + 1) this.#handovers++
    this.#lastUseMs = this.#simulation.nowMs
    if (token <= this.#highestGrant) this.#violate(`token ${token} was granted after ${this.#highestGrant}`)
    this.#highestGrant = Math.max(token, this.#highestGrant)
    this.#compareRights(contender)
  }

  /** Of the processes that run at this instant, no second one may believe that it may act. */
  #compareRights(contender: Contender): void {
    if (!contender.held?.isValid()) return
    for (const other of this.#contenders.values()) {
      if (other === contender || !other.machine.running || !other.held?.isValid()) continue
      this.#violate(`${contender.machine.name} has token ${contender.held.token} while ${other.machine.name} has ${other.held.token}`)
    }
  }

  #act(contender: Contender, { token }: HeldLease): void {
    this.#actions++
    this.#lastUseMs = this.#simulation.nowMs
    if (token < this.#highestAction) this.#violate(`${contender.machine.name} acted with token ${token} after ${this.#highestAction}`)
    this.#highestAction = Math.max(token, this.#highestAction)
  }

  #violate(what: string): void {
    this.#violations.push(`at ${this.#simulation.nowMs.toFixed(1)} ms: ${what}`)
  }

  #fault(): void {
    const name = this.#pick(CONTENDERS)
    const other = this.#pick(['store', ...CONTENDERS])
    const contender = this.#contenders.get(name)
    const forMs = this.#between(0, 3 * TTL_MS)
    const later = (callback: () => void) => this.#simulation.at(Math.min(this.#simulation.nowMs + forMs, FAULTY_MS), callback)
    const machine = contender?.machine
    if (!contender || !machine) return
    const wake = () => {
      machine.resume()
      this.#simulation.deliver(machine, 0, () => this.#compareRights(contender))
    }
    const faults = [
      () => (machine.pause(), later(wake)),
      () => (machine.suspend(), later(wake)),
      () => (machine.kill(), later(() => this.#startContender(name))),
      () => (this.#store.kill(), later(() => (this.#store = this.#startStore()))),
      () => (this.#store.pause(), later(() => this.#store.resume())),
      () => (this.#network.cut(name, other), later(() => this.#network.mend(name, other))),
      () => (this.#network.cut(other, name), later(() => this.#network.mend(other, name))),
      () => (this.#network.isolate(name), later(() => this.#network.heal())),
      () => (
        this.#network.setConditions({ lossRatio: this.#random.next() / 2, duplicateRatio: this.#random.next() / 2 }),
        later(() => this.#network.heal())
      ),
      () => (this.#network.setConditions({ delayMs: [0, this.#between(0, TTL_MS)] }), later(() => this.#network.heal())),
      () => machine.setClockRate(this.#clockRate()),
      () => this.#nap(machine),
      // Tokens that outlive a loss of all data stand on the time of day.
      () => (this.#options.dataLoss ? this.#records.clear() : machine.stepWall(this.#between(-7_200_000, 7_200_000))),
    ]
    this.#pick(faults)()
  }

  /** Falls asleep again and again, each time too shortly to be told from a coarse clock. */
  #nap(machine: SimulatedMachine): void {
    for (let nap = 0; nap < 20; nap++) {
      const atMs = this.#simulation.nowMs + nap * 45
      if (atMs + 25 > FAULTY_MS) return
      this.#simulation.at(atMs, () => machine.suspend())
      this.#simulation.at(atMs + 25, () => machine.resume())
    }
  }

  #calm(): void {
    this.#network.heal()
    this.#store.resume()
    for (const { machine } of this.#contenders.values()) machine.resume()
  }

  #clockRate(): number {
    return 1 + (2 * this.#random.next() - 1) * this.#options.clockRateError
  }

  #between(least: number, most: number): number {
    return least + this.#random.next() * (most - least)
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random.next() * items.length)]!
  }
}
