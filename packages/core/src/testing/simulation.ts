import type { Timer } from '../clock.ts'
import { HotspareError } from '../errors.ts'
import { type Random, seededRandom } from '../random.ts'
import { SimulatedMachine, type SimulatedMachineOptions } from './simulated-machine.ts'
import { type Waiting, WaitingHeap } from './waiting-heap.ts'

/** What may happen at one moment; more is a loop that never lets time pass. */
const MOST_AT_ONCE = 100_000

/** What waits for one machine, or for none: timers by its own clock, all else by true time. */
interface Queue {
  readonly machine: SimulatedMachine | undefined
  readonly timers: WaitingHeap
  readonly packets: WaitingHeap
}

/** The first of a queue, and when it is due in true time. */
interface Next {
  readonly queue: Queue
  readonly from: WaitingHeap
  readonly entry: Waiting
  readonly dueMs: number
}

/**
 * Machines with clocks of their own in one virtual time, with everything that chance decides drawn from one seed: the
 * same seed gives the same run. Between two events, promises that have become ready run.
 */
export class Simulation {
  readonly random: Random
  /** Called after each event, once promises that it made ready have run: for whoever judges what must hold at every moment. */
  onSettled: (() => void) | undefined
  /** How many events have happened: a measure of the work that a run was. */
  events = 0
  #nowMs = 0
  #order = 0
  /** What has no machine comes first: of two events at one time, the fault does. */
  readonly #site: Queue = newQueue(undefined)
  readonly #queues = new Map<SimulatedMachine, Queue>()

  /** @param options the `seed` is any integer; a test prints that of a run that failed */
  constructor({ seed }: { readonly seed: number }) {
    this.random = seededRandom(seed)
  }

  /** True time, in milliseconds since the start; no machine sees it. */
  get nowMs(): number {
    return this.#nowMs
  }

  machine(name: string, options: SimulatedMachineOptions = {}): SimulatedMachine {
    return new SimulatedMachine(name, options, {
      nowMs: () => this.#nowMs,
      add: (machine, delayMs, callback) => {
        // Whoever is dead sets no timers any more.
        const queue = machine.alive ? this.#queueOf(machine) : newQueue(machine)
        return this.#add(queue.timers, machine.clock.monotonicMs() + delayMs, callback)
      },
      drop: (machine) => void this.#queues.delete(machine),
    })
  }

  /** Calls back at a true time: for faults that the test injects. */
  at(timeMs: number, callback: () => void): void {
    this.#add(this.#site.packets, timeMs, callback)
  }

  /** Calls back on a machine after a true delay; while the machine does not run, it waits. */
  deliver(machine: SimulatedMachine, delayMs: number, callback: () => void): void {
    if (machine.alive) this.#add(this.#queueOf(machine).packets, this.#nowMs + delayMs, callback)
  }

  /**
   * Lets `byMs` of true time pass, with everything that falls due in it.
   *
   * @throws HotspareError `HOTSPARE_CORE_SIMULATION` when something keeps time from passing
   */
  async run(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs
    let atOnce = 0
    await breathe()
    this.onSettled?.()
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      atOnce = next.dueMs > this.#nowMs ? 0 : atOnce + 1
      if (atOnce > MOST_AT_ONCE) throw misuse(`time stands still at ${this.#nowMs} ms: something sets timers of 0 ms again and again`)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.from.shift()
      this.events += 1
      next.entry.callback()
      await settle()
      this.onSettled?.()
    }
    this.#nowMs = untilMs
  }

  #queueOf(machine: SimulatedMachine): Queue {
    const known = this.#queues.get(machine)
    if (known) return known
    const queue = newQueue(machine)
    this.#queues.set(machine, queue)
    return queue
  }

  #add(heap: WaitingHeap, dueMs: number, callback: () => void): Timer {
    if (Number.isNaN(dueMs)) throw misuse('a time that is no number')
    const entry = { dueMs, order: this.#order++, callback, cancelled: false }
    heap.push(entry)
    return { cancel: () => heap.cancel(entry) }
  }

  /** What happens first; of what is overdue on a machine that runs again, timers and packets come in any order. */
  #next(untilMs: number): Next | undefined {
    let first = earlier(undefined, this.#site, this.#site.packets)
    for (const queue of this.#queues.values()) {
      if (!queue.machine?.running) continue
      first = earlier(earlier(first, queue, queue.timers), queue, queue.packets)
    }
    if (!first || first.dueMs > untilMs) return undefined
    if (first.dueMs >= this.#nowMs || this.random.next() < 0.5) return first
    // A woken process may see either kind first.
    const { queue, from } = first
    const other = earlier(undefined, queue, from === queue.timers ? queue.packets : queue.timers)
    return other && other.dueMs <= this.#nowMs ? other : first
  }
}

function newQueue(machine: SimulatedMachine | undefined): Queue {
  return { machine, timers: new WaitingHeap(), packets: new WaitingHeap() }
}

function earlier(first: Next | undefined, queue: Queue, from: WaitingHeap): Next | undefined {
  const entry = from.first()
  if (!entry) return first
  const { machine, timers } = queue
  const dueMs = machine && from === timers ? machine.trueMs(entry.dueMs) : entry.dueMs
  if (first && (dueMs > first.dueMs || (dueMs === first.dueMs && entry.order > first.entry.order))) return first
  return { queue, from, entry, dueMs }
}

/** Everything that promises lead to: what is queued here runs when no microtask is left. */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

/** The same, and lets the host live as well: a test's own timers, what was started outside of the simulation. */
function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function misuse(what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_CORE_SIMULATION', message: `simulation: ${what}` })
}
