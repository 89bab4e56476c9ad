import type { Clock, Timer } from '../clock.ts'
import { HotspareError } from '../errors.ts'
import { type Random, seededRandom } from '../random.ts'

/** How a machine of a {@link Simulation} keeps time. */
export interface SimulatedMachineOptions {
  /** Milliseconds that its clocks show for each that passes: 1.01 is fast by a percent. Default: 1 */
  readonly clockRate?: number | undefined
  /** What its monotonic clock shows at first, in milliseconds. Default: 0 */
  readonly startMs?: number | undefined
  /** What its wall clock shows at first, in milliseconds since the Unix epoch. Default: 1,700,000,000,000 and the true time */
  readonly startWallMs?: number | undefined
}

/** Far below what any code waits for, far above what rounding loses. */
const LEAST_DELAY_MS = 0.001

/** What may happen at one moment; more is a loop that never lets time pass. */
const MOST_AT_ONCE = 100_000

interface Waiting {
  readonly machine: SimulatedMachine | undefined
  readonly kind: 'timer' | 'packet'
  /** By the machine's monotonic clock for a timer, by true time otherwise. */
  readonly dueMs: number
  readonly order: number
  readonly callback: () => void
}

/**
 * Machines with clocks of their own in one virtual time, with everything that chance decides drawn from one seed: the
 * same seed gives the same run. Between two events, promises that have become ready run.
 */
export class Simulation {
  readonly random: Random
  #nowMs = 0
  #order = 0
  readonly #waiting = new Set<Waiting>()

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
      add: (machine, delayMs, callback) => this.#add({ machine, kind: 'timer', dueMs: machine.clock.monotonicMs() + delayMs, callback }),
      drop: (machine) => {
        for (const waiting of this.#waiting) if (waiting.machine === machine) this.#waiting.delete(waiting)
      },
    })
  }

  /** Calls back at a true time: for faults that the test injects. */
  at(timeMs: number, callback: () => void): void {
    this.#add({ machine: undefined, kind: 'timer', dueMs: timeMs, callback })
  }

  /** Calls back on a machine after a true delay; while the machine does not run, it waits. */
  deliver(machine: SimulatedMachine, delayMs: number, callback: () => void): void {
    if (machine.alive) this.#add({ machine, kind: 'packet', dueMs: this.#nowMs + delayMs, callback })
  }

  /**
   * Lets `byMs` of true time pass, with everything that falls due in it.
   *
   * @throws HotspareError `HOTSPARE_CORE_SIMULATION` when something keeps time from passing
   */
  async run(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs
    let atOnce = 0
    await settle()
    for (let next = this.#next(untilMs); next; next = this.#next(untilMs)) {
      const dueMs = trueDueMs(next)
      atOnce = dueMs > this.#nowMs ? 0 : atOnce + 1
      if (atOnce > MOST_AT_ONCE) throw misuse(`time stands still at ${this.#nowMs} ms: something sets timers of 0 ms again and again`)
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      this.#waiting.delete(next)
      next.callback()
      await settle()
    }
    this.#nowMs = untilMs
  }

  #add(entry: Omit<Waiting, 'order'>): Timer {
    if (Number.isNaN(entry.dueMs)) throw misuse('a time that is no number')
    const waiting = { ...entry, order: this.#order++ }
    this.#waiting.add(waiting)
    return { cancel: () => void this.#waiting.delete(waiting) }
  }

  /** What happens first; of what is overdue on a machine that runs again, timers and packets come in any order. */
  #next(untilMs: number): Waiting | undefined {
    let first: Waiting | undefined
    let firstMs = Infinity
    for (const waiting of this.#waiting) {
      if (waiting.machine && !waiting.machine.running) continue
      const dueMs = trueDueMs(waiting)
      if (dueMs > untilMs) continue
      if (dueMs > firstMs || (dueMs === firstMs && first && waiting.order > first.order)) continue
      first = waiting
      firstMs = dueMs
    }
    if (!first || firstMs >= this.#nowMs || this.random.next() < 0.5) return first
    return this.#firstOverdue(first) ?? first
  }

  /** The first overdue one of the other kind, timer or packet, on the same machine: a woken process may see either first. */
  #firstOverdue(instead: Waiting): Waiting | undefined {
    let first: Waiting | undefined
    for (const waiting of this.#waiting) {
      if (waiting.machine !== instead.machine || waiting.kind === instead.kind || trueDueMs(waiting) > this.#nowMs) continue
      if (!first || trueDueMs(waiting) < trueDueMs(first)) first = waiting
    }
    return first
  }
}

interface MachineHost {
  readonly nowMs: () => number
  readonly add: (machine: SimulatedMachine, delayMs: number, callback: () => void) => Timer
  readonly drop: (machine: SimulatedMachine) => void
}

type MachineState = 'running' | 'paused' | 'suspended' | 'dead'

/** A machine with its own clocks, which can be paused, suspended and killed. */
export class SimulatedMachine {
  readonly name: string
  readonly clock: Clock
  readonly #host: MachineHost
  readonly #startWallMs: number
  #rate: number
  #wallStepMs = 0
  /** What its clocks showed at a true time, from where they go on at the present rate. */
  #mark: { readonly trueMs: number; readonly localMs: number; readonly bootMs: number }
  #state: MachineState = 'running'

  constructor(name: string, options: SimulatedMachineOptions, host: MachineHost) {
    const { clockRate = 1, startMs = 0, startWallMs = 1_700_000_000_000 + host.nowMs() } = options
    this.name = name
    this.#host = host
    this.#rate = clockRate
    this.#startWallMs = startWallMs
    this.#mark = { trueMs: host.nowMs(), localMs: startMs, bootMs: startMs }
    this.clock = {
      monotonicMs: () => this.#localMs(),
      // One oscillator drives all clocks of a machine.
      wallMs: () => this.#startWallMs + this.bootMs() - startMs + this.#wallStepMs,
      // No timer is due at the very moment at which it was set: rounding could keep it there for ever.
      schedule: (delayMs, callback) => host.add(this, delayMs > 0 ? Math.max(LEAST_DELAY_MS, delayMs) : 0, callback),
    }
  }

  get running(): boolean {
    return this.#state === 'running'
  }

  get alive(): boolean {
    return this.#state !== 'dead'
  }

  /** Time since boot, suspended time included, in milliseconds by its own clock. */
  bootMs(): number {
    return this.#mark.bootMs + (this.#host.nowMs() - this.#mark.trueMs) * this.#rate
  }

  /** Stops the process as SIGSTOP does: clocks go on, timers and packets wait. */
  pause(): void {
    if (this.running) this.#enter('paused')
  }

  /** Stops the whole machine: its monotonic clock stands still. */
  suspend(): void {
    if (this.running) this.#enter('suspended')
  }

  resume(): void {
    if (this.alive) this.#enter('running')
  }

  /** The end of the process: nothing of it runs again, and what was on the way to it is lost. */
  kill(): void {
    this.#enter('dead')
    this.#host.drop(this)
  }

  setClockRate(clockRate: number): void {
    this.#enter(this.#state)
    this.#rate = clockRate
  }

  /** Steps the wall clock alone. */
  stepWall(byMs: number): void {
    this.#wallStepMs += byMs
  }

  /** When its monotonic clock shows `localMs`, in true milliseconds; in the past if it has shown it already. */
  trueMs(localMs: number): number {
    return this.#mark.trueMs + (localMs - this.#mark.localMs) / this.#rate
  }

  #enter(state: MachineState): void {
    this.#mark = { trueMs: this.#host.nowMs(), localMs: this.#localMs(), bootMs: this.bootMs() }
    this.#state = state
  }

  #localMs(): number {
    const { trueMs, localMs } = this.#mark
    return this.#state === 'suspended' ? localMs : localMs + (this.#host.nowMs() - trueMs) * this.#rate
  }
}

function trueDueMs({ machine, kind, dueMs }: Waiting): number {
  return machine && kind === 'timer' ? machine.trueMs(dueMs) : dueMs
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function misuse(what: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_CORE_SIMULATION', message: `simulation: ${what}` })
}
