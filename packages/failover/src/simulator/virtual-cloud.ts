import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { SimulatedProvider } from './drivers.ts'
import type { Fault } from './fault.ts'
import type { MovedSpec } from './schedule.ts'

export type ProviderFault = Fault & { readonly type: 'provider-down' | 'provider-slow' }

/** How long a provider that is down takes to say so, in milliseconds. */
const REFUSAL_MS = 50

export interface CloudCaller {
  readonly machine: SimulatedMachine
  readonly service: string
  readonly spec: MovedSpec
}

/** Providers of addresses: each address is at one node, or at none, whatever becomes of the nodes. */
export class VirtualCloud {
  readonly #simulation: Simulation
  readonly #changed: () => void
  readonly #places = new Map<string, { readonly node: string; readonly sinceMs: number }>()
  readonly #faults = new Set<ProviderFault>()

  /** @param changed an address is elsewhere now */
  constructor(simulation: Simulation, changed: () => void) {
    this.#simulation = simulation
    this.#changed = changed
  }

  /** Since when it gives a service's address to a node, in true time; undefined where it does not. */
  sinceMs(service: string, node: string): number | undefined {
    const place = this.#places.get(service)
    return place?.node === node ? place.sinceMs : undefined
  }

  /** @returns a function that takes it back */
  fail(fault: ProviderFault): () => void {
    this.#faults.add(fault)
    return () => void this.#faults.delete(fault)
  }

  /** What a process calls. What was sent is done, also where whoever has sent it is dead by then. */
  provider({ machine, service, spec }: CloudCaller): SimulatedProvider {
    const { takesMs, answerMs } = spec
    const call = <Value>(afterMs: number, effect: () => Value) => this.#call(machine, spec.provider, afterMs, effect)
    return {
      look: () => call(answerMs, () => this.#places.get(service)?.node),
      assign: (node) => call(takesMs, () => this.#move(service, node)),
      unassign: (node) => call(takesMs, () => (this.#places.get(service)?.node === node ? this.#move(service, undefined) : undefined)),
    }
  }

  #move(service: string, node: string | undefined): void {
    if (this.#places.get(service)?.node === node) return
    if (node === undefined) this.#places.delete(service)
    else this.#places.set(service, { node, sinceMs: this.#simulation.nowMs })
    this.#changed()
  }

  #call<Value>(machine: SimulatedMachine, provider: string, afterMs: number, effect: () => Value): Promise<Value> {
    const simulation = this.#simulation
    const slowMs = this.#of(provider).reduce((sum, fault) => sum + (fault.type === 'provider-slow' ? fault.byMs : 0), 0)
    const workMs = slowMs + (0.5 + simulation.random.next() / 2) * afterMs
    return new Promise((resolve, reject) => {
      if (this.#isDown(provider)) {
        simulation.deliver(machine, REFUSAL_MS, () => reject(new Error('the provider refuses every call')))
        return
      }
      simulation.at(simulation.nowMs + workMs, () => {
        const value = effect()
        simulation.deliver(machine, 0.1, () => resolve(value))
      })
    })
  }

  #isDown(provider: string): boolean {
    return this.#of(provider).some(({ type }) => type === 'provider-down')
  }

  #of(provider: string): readonly ProviderFault[] {
    return [...this.#faults].filter((fault) => (fault.provider ?? provider) === provider)
  }
}
