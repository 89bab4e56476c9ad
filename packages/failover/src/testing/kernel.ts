import type { SimulatedMachine } from '@hotspare/core/testing'

interface HeldAddress {
  readonly token: number
  /** When the kernel stops answering for it, by its own clock; undefined for never. */
  readonly untilMs: number | undefined
}

export interface VirtualKernelOptions {
  /** Keeps the kernel's time; suspended with the machine, and dead only without power. */
  readonly machine: SimulatedMachine
  /** True time. */
  readonly nowMs: () => number
}

/**
 * What a machine has besides Hotspare, and what outlives Hotspare's process: the address with its gate, and the service that
 * users reach at it.
 */
export class VirtualKernel {
  readonly machine: SimulatedMachine
  readonly #nowMs: () => number
  #address: HeldAddress | undefined
  #serviceUp = true
  #serviceSinceMs: number
  #heldSinceMs = 0
  /** Until when what it holds may be stale: a kernel that was suspended does not know how long it slept. In true time. */
  staleUntilMs: number = -Infinity

  constructor({ machine, nowMs }: VirtualKernelOptions) {
    this.machine = machine
    this.#nowMs = nowMs
    this.#serviceSinceMs = nowMs()
  }

  get name(): string {
    return this.machine.name
  }

  /** Whether it has the address, and its gate lets traffic through. */
  get holds(): boolean {
    if (!this.machine.running || !this.#address) return false
    const { untilMs } = this.#address
    return untilMs === undefined || this.machine.clock.monotonicMs() < untilMs
  }

  get serves(): boolean {
    return this.holds && this.#serviceUp
  }

  get serviceUp(): boolean {
    return this.#serviceUp && this.machine.running
  }

  /** For how long the service has been up, in true milliseconds; 0 while it is not. */
  get serviceUpMs(): number {
    return this.serviceUp ? this.#nowMs() - this.#serviceSinceMs : 0
  }

  /** Awake again, by a clock that stood still. */
  woke(staleUntilMs: number): void {
    this.staleUntilMs = staleUntilMs
    this.#heldSinceMs = this.#nowMs()
    this.#serviceSinceMs = this.#nowMs()
  }

  setService(up: boolean): void {
    if (this.#serviceUp === up) return
    this.#serviceUp = up
    this.#serviceSinceMs = this.#nowMs()
  }

  /** For how long it has had the address without a break, in true milliseconds. */
  get heldMs(): number {
    return this.holds ? this.#nowMs() - this.#heldSinceMs : 0
  }

  addAddress(address: HeldAddress): void {
    if (!this.holds) this.#heldSinceMs = this.#nowMs()
    this.#address = address
  }

  removeAddress(): void {
    this.#address = undefined
  }
}
