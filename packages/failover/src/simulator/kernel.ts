import type { SimulatedMachine } from '@hotspare/core/testing'

interface HeldAddress {
  readonly token: number
  /** When the kernel stops answering for it, by its own clock; undefined for never. */
  readonly untilMs: number | undefined
  readonly sinceMs: number
}

export interface VirtualKernelOptions {
  /** Keeps the kernel's time; suspended with the machine, and dead only without power. */
  readonly machine: SimulatedMachine
  readonly services: readonly string[]
  /** Since when a provider gives a service's address to this machine, in true time; undefined where it does not. */
  readonly givenSinceMs: (service: string) => number | undefined
  /** True time. */
  readonly nowMs: () => number
  /** What it holds or serves may be something else now. */
  readonly changed: () => void
}

interface VirtualServer {
  up: boolean
  sinceMs: number
}

/**
 * What a machine has besides Hotspare, and what outlives Hotspare's process: addresses with their gates, the services that
 * users reach at them, and whatever else follows the active member.
 */
export class VirtualKernel {
  readonly machine: SimulatedMachine
  readonly #options: VirtualKernelOptions
  readonly #addresses = new Map<string, HeldAddress>()
  readonly #servers: ReadonlyMap<string, VirtualServer>
  /** What is here besides addresses, by name. */
  readonly records: Set<string> = new Set()
  /** Until when what it holds may be stale: a kernel that was suspended does not know how long it slept. In true time. */
  staleUntilMs: number = -Infinity

  constructor(options: VirtualKernelOptions) {
    this.machine = options.machine
    this.#options = options
    this.#servers = new Map(options.services.map((service) => [service, { up: true, sinceMs: options.nowMs() }]))
  }

  get name(): string {
    return this.machine.name
  }

  /** True time. */
  get nowMs(): number {
    return this.#options.nowMs()
  }

  /** All that run here. */
  get services(): readonly string[] {
    return this.#options.services
  }

  /** Whether it has the service's address, and its gate lets traffic through. */
  holds(service: string): boolean {
    const address = this.#addresses.get(service)
    if (!this.machine.running) return false
    if (!address) return this.#options.givenSinceMs(service) !== undefined
    return address.untilMs === undefined || this.machine.clock.monotonicMs() < address.untilMs
  }

  /** Whether the address is there and its gate has shut by itself. */
  hasLapsed(service: string): boolean {
    return this.machine.running && this.#addresses.has(service) && !this.holds(service)
  }

  /** When the gate shuts, in true time; Infinity for one that does not, or has. */
  shutsMs(service: string): number {
    const untilMs = this.#addresses.get(service)?.untilMs
    return untilMs === undefined || !this.holds(service) ? Infinity : this.machine.trueMs(untilMs)
  }

  serves(service: string): boolean {
    return this.holds(service) && this.isUp(service)
  }

  isUp(service: string): boolean {
    return this.machine.running && (this.#servers.get(service)?.up ?? false)
  }

  /** For how long the service has been up, in true milliseconds; 0 while it is not. */
  upMs(service: string): number {
    const server = this.#servers.get(service)
    return server && this.isUp(service) ? this.#options.nowMs() - server.sinceMs : 0
  }

  /** For how long the service has been dead on a machine that runs, in true milliseconds; 0 while it is not. */
  downMs(service: string): number {
    const server = this.#servers.get(service)
    return !server || server.up || !this.machine.running ? 0 : this.#options.nowMs() - server.sinceMs
  }

  /** For how long it has had the address without a break, in true milliseconds. */
  heldMs(service: string): number {
    const sinceMs = this.#addresses.get(service)?.sinceMs ?? this.#options.givenSinceMs(service)
    return sinceMs !== undefined && this.holds(service) ? this.#options.nowMs() - sinceMs : 0
  }

  setService(service: string, up: boolean): void {
    const server = this.#servers.get(service)
    if (!server || server.up === up) return
    server.up = up
    server.sinceMs = this.#options.nowMs()
    this.#options.changed()
  }

  /** Awake again, by a clock that stood still. */
  woke(staleUntilMs: number): void {
    const nowMs = this.#options.nowMs()
    this.staleUntilMs = staleUntilMs
    for (const [service, address] of this.#addresses) this.#addresses.set(service, { ...address, sinceMs: nowMs })
    for (const server of this.#servers.values()) server.sinceMs = nowMs
    this.#options.changed()
  }

  addAddress(service: string, { token, untilMs }: Omit<HeldAddress, 'sinceMs'>): void {
    const before = this.holds(service) ? this.#addresses.get(service) : undefined
    this.#addresses.set(service, { token, untilMs, sinceMs: before?.sinceMs ?? this.#options.nowMs() })
    this.#options.changed()
  }

  removeAddress(service: string): void {
    if (this.#addresses.delete(service)) this.#options.changed()
  }
}
