import { type Simulation, VirtualNetwork } from '@hotspare/core/testing'
import type { VirtualKernel } from './kernel.ts'

/** `who-has` is answered by the kernel, `get` by the service behind the address. */
export type LanQuestion = 'who-has' | 'get'

export interface LanAnswer {
  readonly from: string
  /** Of a `get`: whether the service answered; a holder without a service refuses. */
  readonly ok: boolean
}

type LanPacket =
  | { readonly type: 'question'; readonly id: number; readonly question: LanQuestion; readonly service: string }
  | { readonly type: 'answer'; readonly id: number; readonly ok: boolean }

const MOST_WAITING = 1_000

/** The network on which the addresses are: kernels answer on it, whatever becomes of Hotspare. */
export class Lan {
  readonly network: VirtualNetwork<LanPacket>
  readonly #kernels = new Map<string, VirtualKernel>()
  readonly #waiting = new Map<number, (answer: LanAnswer) => void>()
  #questions = 0

  constructor(simulation: Simulation) {
    this.network = new VirtualNetwork(simulation)
  }

  attach(kernel: VirtualKernel): void {
    this.#kernels.set(kernel.name, kernel)
    this.network.attach(kernel.machine, (packet, from) => {
      if (packet.type === 'answer') return this.#waiting.get(packet.id)?.({ from, ok: packet.ok })
      const { id, question, service } = packet
      if (!kernel.holds(service)) return
      this.network.send(kernel.name, from, { type: 'answer', id, ok: question === 'who-has' || kernel.isUp(service) })
    })
  }

  /**
   * Asks the network for whoever has the service's address, the asker itself apart.
   *
   * @returns a function that ends the wait
   */
  ask(from: VirtualKernel, service: string, question: LanQuestion, answered: (answer: LanAnswer) => void): () => void {
    const id = ++this.#questions
    this.#waiting.set(id, answered)
    // Whoever never hears anything never ends his wait.
    this.#waiting.delete(id - MOST_WAITING)
    for (const kernel of this.#kernels.values()) {
      if (kernel !== from && kernel.holds(service)) this.network.send(from.name, kernel.name, { type: 'question', id, question, service })
    }
    return () => void this.#waiting.delete(id)
  }
}
