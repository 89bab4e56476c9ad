import type { SimulatedMachine } from './simulated-machine.ts'
import type { Simulation } from './simulation.ts'

/** What happens to packets on a way from one machine to another. */
export interface LinkConditions {
  /** How long a packet takes, in milliseconds: drawn evenly between the two, so packets may overtake each other. */
  readonly delayMs: readonly [least: number, most: number]
  /** How many are lost, from 0 to 1. */
  readonly lossRatio: number
  /** How many arrive twice, from 0 to 1. */
  readonly duplicateRatio: number
  /** How many come so much later that others overtake them, from 0 to 1. */
  readonly lateRatio: number
  /** How much later those are, in milliseconds. */
  readonly lateMs: number
}

/** A switched network without faults. */
const GOOD: LinkConditions = { delayMs: [0.1, 0.5], lossRatio: 0, duplicateRatio: 0, lateRatio: 0, lateMs: 0 }

/**
 * A network between the machines of a {@link Simulation}: packets are lost, late, doubled and reordered as its conditions
 * and the seed say, and each direction can be cut.
 */
export class VirtualNetwork<Packet> {
  readonly #simulation: Simulation
  readonly #receivers = new Map<string, { readonly machine: SimulatedMachine; readonly receive: (packet: Packet, from: string) => void }>()
  readonly #cuts = new Set<string>()
  readonly #links = new Map<string, LinkConditions>()
  #conditions: LinkConditions = GOOD

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** Gives a machine its ear; a machine that was killed and made anew attaches again under its name. */
  attach(machine: SimulatedMachine, receive: (packet: Packet, from: string) => void): void {
    this.#receivers.set(machine.name, { machine, receive })
  }

  /** Changes the conditions of every way, or of the one from one machine to another. */
  setConditions(conditions: Partial<LinkConditions>, way?: { readonly from: string; readonly to: string }): void {
    if (way) this.#links.set(wayName(way.from, way.to), { ...this.#conditionsOf(way.from, way.to), ...conditions })
    else this.#conditions = { ...this.#conditions, ...conditions }
  }

  /** Takes every change of conditions back; cuts stay. */
  resetConditions(): void {
    this.#links.clear()
    this.#conditions = GOOD
  }

  send(from: string, to: string, packet: Packet): void {
    const { random } = this.#simulation
    const { delayMs, lossRatio, duplicateRatio, lateRatio, lateMs } = this.#conditionsOf(from, to)
    const [least, most] = delayMs
    const copies = random.next() < duplicateRatio ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const lost = random.next() < lossRatio
      const onTime = least + random.next() * (most - least)
      const delay = lateRatio > 0 && random.next() < lateRatio ? onTime + lateMs : onTime
      const receiver = this.#receivers.get(to)
      if (lost || !receiver || this.#cuts.has(wayName(from, to))) continue
      this.#simulation.deliver(receiver.machine, delay, () => receiver.receive(packet, from))
    }
  }

  /** Cuts one direction; packets that are on their way still arrive. */
  cut(from: string, to: string): void {
    this.#cuts.add(wayName(from, to))
  }

  mend(from: string, to: string): void {
    this.#cuts.delete(wayName(from, to))
  }

  /** Cuts a machine off from all others, in both directions. */
  isolate(name: string): void {
    for (const other of this.#receivers.keys()) {
      this.cut(name, other)
      this.cut(other, name)
    }
  }

  /** Mends every cut and takes back every change of conditions. */
  heal(): void {
    this.#cuts.clear()
    this.resetConditions()
  }

  #conditionsOf(from: string, to: string): LinkConditions {
    return this.#links.get(wayName(from, to)) ?? this.#conditions
  }
}

function wayName(from: string, to: string): string {
  return `${from} > ${to}`
}
