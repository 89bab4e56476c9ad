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
  | { readonly type: 'question'; readonly id: number; readonly question: LanQuestion }
  | { readonly type: 'answer'; readonly id: number; readonly ok: boolean }

const MOST_WAITING = 1_000

/** The network on which the address is: kernels answer on it, whatever becomes of Hotspare. */
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
      if (!kernel.holds) return
      this.network.send(kernel.name, from, { type: 'answer', id: packet.id, ok: packet.question === 'who-has' || kernel.serviceUp })
    })
  }

  /**
   * Asks the network for whoever has the address, the asker itself apart.
   *
   * @returns a function that ends the wait
   */
  ask(from: VirtualKernel, question: LanQuestion, answered: (answer: LanAnswer) => void): () => void {
    const id = ++this.#questions
    this.#waiting.set(id, answered)
    // Whoever never hears anything never ends his wait.
    this.#waiting.delete(id - MOST_WAITING)
    for (const kernel of this.#kernels.values()) {
      if (kernel !== from && kernel.holds) this.network.send(from.name, kernel.name, { type: 'question', id, question })
    }
    return () => void this.#waiting.delete(id)
  }
}
