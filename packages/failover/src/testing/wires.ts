import type { LinkConditions, VirtualNetwork } from '@hotspare/core/testing'

/** A virtual network, as far as faults go. */
export type Wire = Pick<VirtualNetwork<never>, 'cut' | 'mend' | 'setConditions' | 'heal'>

/** Every network of the site: what is cut is cut for heartbeats, for requests, for the arbiter and for clients alike. */
export class Wires {
  readonly #wires: readonly Wire[]
  readonly #nowMs: () => number
  readonly #cuts = new Set<string>()
  readonly #disturbedMs = new Map<string, number>()
  #rough = false
  #roughMs = 0

  constructor(wires: readonly Wire[], nowMs: () => number) {
    this.#wires = wires
    this.#nowMs = nowMs
  }

  /** Cuts one direction. */
  cut(from: string, to: string): void {
    this.#cuts.add(way(from, to))
    for (const wire of this.#wires) wire.cut(from, to)
  }

  mend(from: string, to: string): void {
    if (!this.#cuts.delete(way(from, to))) return
    this.#disturbedMs.set(way(from, to), this.#nowMs())
    for (const wire of this.#wires) wire.mend(from, to)
  }

  /** Packets everywhere are lost, late or doubled. */
  roughen(conditions: Partial<LinkConditions>): void {
    this.#rough = true
    for (const wire of this.#wires) wire.setConditions(conditions)
  }

  smooth(): void {
    if (!this.#rough) return
    this.#rough = false
    this.#roughMs = this.#nowMs()
    for (const wire of this.#wires) wire.setConditions({ delayMs: [0.1, 0.5], lossRatio: 0, duplicateRatio: 0 })
  }

  heal(): void {
    this.smooth()
    for (const each of this.#cuts) this.#disturbedMs.set(each, this.#nowMs())
    this.#cuts.clear()
    for (const wire of this.#wires) wire.heal()
  }

  /** For how long two machines have reached each other without any fault on the way, in true milliseconds. */
  quietMs(one: string, other: string): number {
    const ways = [way(one, other), way(other, one)]
    if (this.#rough || ways.some((each) => this.#cuts.has(each))) return 0
    return this.#nowMs() - Math.max(this.#roughMs, ...ways.map((each) => this.#disturbedMs.get(each) ?? 0))
  }
}

function way(from: string, to: string): string {
  return `${from} > ${to}`
}
