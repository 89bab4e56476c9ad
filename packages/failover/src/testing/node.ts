import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import { VirtualKernel } from './kernel.ts'
import type { VirtualDisk, VirtualProcess } from './process.ts'

/** A machine of the site: its kernel, its disk, and Hotspare's process while there is one. */
export class VirtualNode {
  readonly name: string
  readonly disk: VirtualDisk = { hold: undefined, heldAtMs: 0, maintenance: undefined }
  kernel: VirtualKernel
  process: VirtualProcess | undefined
  readonly #simulation: Simulation
  #clockRate: number
  /** Since when the process runs without a break, or is gone, in true time. */
  #sinceMs = 0

  constructor(simulation: Simulation, name: string, { clockRate, startMs }: { readonly clockRate: number; readonly startMs: number }) {
    this.#simulation = simulation
    this.name = name
    this.#clockRate = clockRate
    this.kernel = this.#boot(startMs)
  }

  /** Whether the process is there and runs. */
  get runs(): boolean {
    return this.process?.machine.running ?? false
  }

  /** Whether the process is there. */
  get lives(): boolean {
    return this.process?.machine.alive ?? false
  }

  /** For how long {@link runs} has been as it is, in true milliseconds. */
  get steadyMs(): number {
    return this.#simulation.nowMs - this.#sinceMs
  }

  /** A new process's machine, which keeps this one's time. */
  processMachine(): SimulatedMachine {
    return this.#simulation.machine(this.name, {
      clockRate: this.#clockRate,
      startMs: this.kernel.machine.clock.monotonicMs(),
      startWallMs: WALL_MS + this.#simulation.nowMs,
    })
  }

  begun(process: VirtualProcess): void {
    this.process = process
    this.#sinceMs = this.#simulation.nowMs
  }

  kill(): void {
    this.process?.machine.kill()
    this.process = undefined
    this.#sinceMs = this.#simulation.nowMs
  }

  cutPower(): void {
    this.kill()
    this.kernel.machine.kill()
  }

  /** The power is back: an empty kernel. */
  boot(): VirtualKernel {
    this.kernel = this.#boot(0)
    return this.kernel
  }

  pause(): void {
    if (!this.runs) return
    this.process?.machine.pause()
    this.#sinceMs = this.#simulation.nowMs
  }

  suspend(): void {
    if (!this.kernel.machine.running || (this.lives && !this.runs)) return
    this.kernel.machine.suspend()
    this.process?.machine.suspend()
    this.#sinceMs = this.#simulation.nowMs
  }

  /** @param staleMs how long a kernel that was suspended may hold what is another's */
  resume(staleMs: number): void {
    const { machine } = this.kernel
    if (machine.alive && !machine.running) {
      machine.resume()
      this.kernel.woke(this.#simulation.nowMs + staleMs)
    }
    if (!this.process || this.runs) return
    this.process.machine.resume()
    this.#sinceMs = this.#simulation.nowMs
  }

  setClockRate(clockRate: number): void {
    this.#clockRate = clockRate
    this.kernel.machine.setClockRate(clockRate)
    this.process?.machine.setClockRate(clockRate)
  }

  #boot(startMs: number): VirtualKernel {
    const { nowMs } = this.#simulation
    const machine = this.#simulation.machine(this.name, { clockRate: this.#clockRate, startMs, startWallMs: WALL_MS + nowMs })
    return new VirtualKernel({ machine, nowMs: () => this.#simulation.nowMs })
  }
}

/** What a right wall clock shows at the start. */
const WALL_MS = 1_700_000_000_000
