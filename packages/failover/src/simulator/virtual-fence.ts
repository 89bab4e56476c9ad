import { type Clock, type HealthState, sleep, type Verdict } from '@hotspare/core'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { Outcome } from '@hotspare/core/plan'
import { refused } from '../local-steps.ts'
import type { FencePort } from '../ports.ts'
import type { Fault } from './fault.ts'
import type { FenceSpec } from './schedule.ts'

export type FenceFault = Fault & { readonly type: 'fence-dead' | 'fence-slow' }

export interface VirtualDevicesOptions {
  readonly simulation: Simulation
  readonly devices: Readonly<Record<string, FenceSpec>>
  /** Takes a node's power. */
  readonly switchOff: (node: string) => void
}

/** What switches nodes off, by node: devices that stand beside the machines. */
export class VirtualDevices {
  readonly #options: VirtualDevicesOptions
  readonly #faults = new Set<FenceFault>()

  constructor(options: VirtualDevicesOptions) {
    this.#options = options
  }

  /** @returns a function that takes it back; undefined where the node has no device */
  fail(fault: FenceFault): (() => void) | undefined {
    if (!this.of(fault.node)) return undefined
    this.#faults.add(fault)
    return () => void this.#faults.delete(fault)
  }

  of(node: string): FenceSpec | undefined {
    return Object.hasOwn(this.#options.devices, node) ? this.#options.devices[node] : undefined
  }

  /** Calls back on the machine that asked once the node has no power; never, where its device is dead. */
  off(machine: SimulatedMachine, node: string, done: () => void): void {
    const { simulation, switchOff } = this.#options
    const spec = this.of(node)
    const faults = [...this.#faults].filter((fault) => fault.node === node)
    if (!spec || faults.some(({ type }) => type === 'fence-dead')) return
    const slowMs = faults.reduce((sum, fault) => sum + (fault.type === 'fence-slow' ? fault.byMs : 0), 0)
    simulation.at(simulation.nowMs + slowMs + (0.5 + simulation.random.next() / 2) * spec.takesMs, () => {
      switchOff(node)
      simulation.deliver(machine, 0.1, done)
    })
  }
}

export interface VirtualFenceOptions {
  readonly machine: SimulatedMachine
  readonly devices: VirtualDevices
  /** By the heartbeat. */
  readonly alive: (node: string) => Verdict<HealthState>
  /** How long a node without power may still be heard, in milliseconds. */
  readonly heardMs: number
}

const LISTEN_MS = 50

/** As the daemon's: a call has a deadline, whoever is still heard is not off, and whoever is heard again is off no longer. */
export class VirtualFence implements FencePort {
  readonly #options: VirtualFenceOptions
  readonly #clock: Clock
  readonly #off = new Set<string>()
  readonly #running = new Map<string, Promise<Outcome>>()

  constructor(options: VirtualFenceOptions) {
    this.#options = options
    this.#clock = options.machine.clock
  }

  isOff(node: string): boolean {
    if (!this.#off.has(node)) return false
    if (this.#isHeard(node)) this.#off.delete(node)
    return this.#off.has(node)
  }

  fence(node: string, { signal }: { readonly signal: AbortSignal }): Promise<Outcome> {
    const running = this.#running.get(node)
    if (running) return running
    const begun = this.#fence(node, signal).finally(() => this.#running.delete(node))
    this.#running.set(node, begun)
    return begun
  }

  async #fence(node: string, signal: AbortSignal): Promise<Outcome> {
    const { machine, devices, heardMs } = this.#options
    const spec = devices.of(node)
    if (!spec) return refused(`there is no device for ${node}`)
    let isDone = false
    const ended = new AbortController()
    devices.off(machine, node, () => {
      isDone = true
      ended.abort(new Error('it is off'))
    })
    await this.#waited(spec.allowedMs, AbortSignal.any([signal, ended.signal]))
    if (!isDone) return refused(`the device of ${node} does not answer`)
    const untilMs = this.#clock.monotonicMs() + heardMs
    while (this.#isHeard(node)) {
      if (signal.aborted || this.#clock.monotonicMs() >= untilMs) return refused(`${node} is said to be off, and is still heard`)
      await this.#waited(LISTEN_MS, signal)
    }
    this.#off.add(node)
    return { ok: true, detail: `${node} is off` }
  }

  async #waited(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, { clock: this.#clock, signal }).catch(() => {})
  }

  #isHeard(node: string): boolean {
    const { state } = this.#options.alive(node)
    return state === 'up' || state === 'degraded'
  }
}
