import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { Hold } from '../facts.ts'
import { Actuators } from './actuators.ts'
import { VirtualKernel } from './kernel.ts'
import type { VirtualProcess } from './process.ts'

/** What a node keeps on its disk. */
export interface VirtualDisk {
  hold: Hold | undefined
  /** When it was set, in true time. */
  heldAtMs: number
  /** Why people want no service here. */
  maintenance: string | undefined
  /** Of the configuration. */
  fingerprint: string
  /** When that was changed, in true time. */
  fingerprintAtMs: number
}

export interface VirtualNodeOptions {
  readonly simulation: Simulation
  readonly name: string
  readonly clockRate: number
  readonly startMs: number
  readonly services: readonly string[]
  /** Since when a provider gives a service's address to this machine. */
  readonly givenSinceMs: (service: string) => number | undefined
  /** What its kernel holds or serves may be something else now. */
  readonly changed: () => void
}

/** The configuration that all nodes are to have. */
export const COMMON_FINGERPRINT = 'common'

/** A machine of the site: its kernel, its disk, and Hotspare's process while there is one. */
export class VirtualNode {
  readonly name: string
  readonly disk: VirtualDisk = {
    hold: undefined,
    heldAtMs: 0,
    maintenance: undefined,
    fingerprint: COMMON_FINGERPRINT,
    fingerprintAtMs: 0,
  }
  readonly actuators: Actuators = new Actuators()
  kernel: VirtualKernel
  process: VirtualProcess | undefined
  readonly #options: VirtualNodeOptions
  readonly #simulation: Simulation
  #clockRate: number
  /** Since when the process runs without a break, or is gone, in true time. */
  #sinceMs = 0
  /** Since when its control watches, in true time; undefined while it is dead. */
  #watchSinceMs: number | undefined = 0

  constructor(options: VirtualNodeOptions) {
    this.#options = options
    this.#simulation = options.simulation
    this.name = options.name
    this.#clockRate = options.clockRate
    this.kernel = this.#boot(options.startMs)
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

  /** For how long its control has watched without a break, in true milliseconds. */
  get watchedMs(): number {
    return this.runs && this.#watchSinceMs !== undefined ? Math.min(this.steadyMs, this.#simulation.nowMs - this.#watchSinceMs) : 0
  }

  /** Its control dies, or is started again. */
  setControl(alive: boolean): void {
    this.#watchSinceMs = alive ? this.#simulation.nowMs : undefined
    if (alive) this.process?.startControl()
    else this.process?.stopControl()
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
    if (this.#watchSinceMs === undefined) process.stopControl()
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
    this.#options.changed()
  }

  /** The power is back: an empty kernel. */
  boot(): VirtualKernel {
    this.kernel = this.#boot(0)
    this.#options.changed()
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
    this.#options.changed()
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
    this.#options.changed()
  }

  #boot(startMs: number): VirtualKernel {
    const { services, givenSinceMs, changed } = this.#options
    const { nowMs } = this.#simulation
    const machine = this.#simulation.machine(this.name, { clockRate: this.#clockRate, startMs, startWallMs: WALL_MS + nowMs })
    return new VirtualKernel({ machine, services, givenSinceMs, nowMs: () => this.#simulation.nowMs, changed })
  }
}

/** What a right wall clock shows at the start. */
const WALL_MS = 1_700_000_000_000
