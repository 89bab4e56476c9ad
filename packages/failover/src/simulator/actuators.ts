import { type Clock, sleep } from '@hotspare/core'
import type { Fault } from './fault.ts'

export type ActuatorFault = Fault & { readonly type: 'actuator' }

/** What stands in the way of a command: undefined for nothing, a reason for a failure. Throws and hangs as the faults want it. */
export type Trouble = (verb: 'acquire' | 'release') => Promise<string | undefined>

/** The faults of one node's actuators at the moment. */
export class Actuators {
  readonly #faults = new Set<ActuatorFault>()

  /** @returns a function that takes it back */
  fail(fault: ActuatorFault): () => void {
    this.#faults.add(fault)
    return () => void this.#faults.delete(fault)
  }

  /** Whether something keeps this from being done in time, or at all. */
  isFaulty(service: string, verb: 'acquire' | 'release'): boolean {
    return this.#of(service, verb).length > 0
  }

  trouble(service: string, clock: Clock): Trouble {
    return async (verb) => {
      for (const { how, byMs = 0 } of this.#of(service, verb)) {
        if (how === 'slow') await sleep(byMs, { clock })
        if (how === 'refuses') return 'the actuator refuses'
        if (how === 'throws') throw new Error('the actuator throws')
        if (how === 'hangs') await new Promise<never>(() => {})
      }
      return undefined
    }
  }

  #of(service: string, verb: 'acquire' | 'release'): readonly ActuatorFault[] {
    return [...this.#faults].filter((fault) => (fault.service ?? service) === service && (fault.verb ?? verb) === verb)
  }
}
