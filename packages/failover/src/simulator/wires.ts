import type { LinkConditions, VirtualNetwork } from '@hotspare/core/testing'

/** A virtual network, as far as faults go. */
export type Wire = Pick<VirtualNetwork<never>, 'cut' | 'mend' | 'setConditions' | 'resetConditions'>

/** One direction. */
export interface Way {
  readonly from: string
  readonly to: string
}

interface Rough {
  readonly conditions: Partial<LinkConditions>
  /** Undefined: everywhere. */
  readonly way: Way | undefined
}

/** Every network of the site: what is cut is cut for heartbeats, for requests, for the arbiter and for clients alike. */
export class Wires {
  readonly #wires: readonly Wire[]
  readonly #nowMs: () => number
  /** How many faults cut a way. */
  readonly #cuts = new Map<string, number>()
  readonly #disturbedMs = new Map<string, number>()
  readonly #rough = new Set<Rough>()
  #roughMs = 0

  constructor(wires: readonly Wire[], nowMs: () => number) {
    this.#wires = wires
    this.#nowMs = nowMs
  }

  /** @returns a function that mends what this has cut */
  cut(ways: readonly Way[]): () => void {
    for (const { from, to } of ways) {
      this.#cuts.set(wayName(from, to), (this.#cuts.get(wayName(from, to)) ?? 0) + 1)
      for (const wire of this.#wires) wire.cut(from, to)
    }
    return once(() => {
      for (const { from, to } of ways) this.#mend(from, to)
    })
  }

  /**
   * Packets are lost, late or doubled: everywhere, or on one way.
   *
   * @returns a function that takes that back
   */
  roughen(conditions: Partial<LinkConditions>, way?: Way): () => void {
    const rough = { conditions, way }
    this.#rough.add(rough)
    this.#applyRough()
    return once(() => {
      this.#rough.delete(rough)
      if (way) this.#disturbedMs.set(wayName(way.from, way.to), this.#nowMs())
      else this.#roughMs = this.#nowMs()
      this.#applyRough()
    })
  }

  /** For how long two machines have reached each other without any fault on the way, in true milliseconds. */
  quietMs(one: string, other: string): number {
    const ways = [wayName(one, other), wayName(other, one)]
    if (ways.some((each) => (this.#cuts.get(each) ?? 0) > 0)) return 0
    for (const { way } of this.#rough) if (!way || ways.includes(wayName(way.from, way.to))) return 0
    return this.#nowMs() - Math.max(this.#roughMs, ...ways.map((each) => this.#disturbedMs.get(each) ?? 0))
  }

  #mend(from: string, to: string): void {
    const name = wayName(from, to)
    const left = (this.#cuts.get(name) ?? 0) - 1
    this.#cuts.set(name, Math.max(0, left))
    if (left > 0) return
    this.#disturbedMs.set(name, this.#nowMs())
    for (const wire of this.#wires) wire.mend(from, to)
  }

  #applyRough(): void {
    for (const wire of this.#wires) {
      wire.resetConditions()
      for (const { conditions, way } of this.#rough) wire.setConditions(conditions, way)
    }
  }
}

function once(call: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    call()
  }
}

function wayName(from: string, to: string): string {
  return `${from} > ${to}`
}
