import type { Clock, Timer } from '../clock.ts'

/** How a machine of a a simulation keeps time. */
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

/** The simulation that it is in. */
export interface MachineHost {
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
  #bootStepMs = 0
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
      wallMs: () => this.#startWallMs + this.#steadyBootMs() - startMs + this.#wallStepMs,
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
    return this.#bootStepMs + this.#steadyBootMs()
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

  /** Steps its time since boot alone, forward: as a guest finds it whose host has moved it, or put it aside for a while. */
  stepBoot(byMs: number): void {
    this.#bootStepMs += Math.max(0, byMs)
  }

  /** When its monotonic clock shows `localMs`, in true milliseconds; in the past if it has shown it already. */
  trueMs(localMs: number): number {
    return this.#mark.trueMs + (localMs - this.#mark.localMs) / this.#rate
  }

  #enter(state: MachineState): void {
    this.#mark = { trueMs: this.#host.nowMs(), localMs: this.#localMs(), bootMs: this.#steadyBootMs() }
    this.#state = state
  }

  #steadyBootMs(): number {
    return this.#mark.bootMs + (this.#host.nowMs() - this.#mark.trueMs) * this.#rate
  }

  #localMs(): number {
    const { trueMs, localMs } = this.#mark
    return this.#state === 'suspended' ? localMs : localMs + (this.#host.nowMs() - trueMs) * this.#rate
  }
}
