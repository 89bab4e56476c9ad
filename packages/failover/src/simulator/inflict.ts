import { assertNever } from '@hotspare/core'
import type { Course, Mend } from './course.ts'
import { ACTOR, type Fault, type Moment } from './fault.ts'
import { strikeMachine } from './inflict-machine.ts'
import { strikeNetwork } from './inflict-network.ts'
import { strikeOutside } from './inflict-outside.ts'
import { strikePeople } from './inflict-people.ts'
import type { VirtualNode } from './node.ts'
import type { Schedule } from './schedule.ts'
import type { Site } from './site.ts'

/** Has the faults of a schedule happen, each in its time, and ends them. */
export class Inflictor implements Course {
  readonly site: Site
  readonly #calmAtMs: number
  readonly #waiting: { readonly fault: Fault; readonly index: number; readonly at: Exclude<Moment, number> }[] = []
  readonly #counts = { plan: 0, grant: 0 }

  constructor(site: Site, { faults, calmAtMs }: Pick<Schedule, 'faults' | 'calmAtMs'>) {
    this.site = site
    this.#calmAtMs = calmAtMs
    for (const [index, fault] of faults.entries()) {
      const { atMs } = fault
      if (typeof atMs === 'number') site.simulation.at(atMs, () => this.#strike(fault, index))
      else this.#waiting.push({ fault, index, at: atMs })
    }
    site.onPlan = (node) => this.#happened('plan', node)
    site.onGrant = (node) => this.#happened('grant', node)
  }

  get isOver(): boolean {
    return this.site.simulation.nowMs >= this.#calmAtMs
  }

  later(forMs: number | undefined, callback: () => void): void {
    const { simulation } = this.site
    simulation.at(Math.min(simulation.nowMs + (forMs ?? Infinity), this.#calmAtMs), callback)
  }

  /** Everything is mended: machines run and networks are whole. */
  calm(): void {
    const { site } = this
    site.onPlan = undefined
    site.onGrant = undefined
    site.tell('calm')
    if (!site.arbiter?.alive) site.startArbiter()
    site.arbiter?.resume()
    for (const node of site.nodes) {
      if (!node.kernel.machine.alive) site.boot(node)
      site.resume(node)
      site.startProcess(node)
      node.process?.reload()
    }
  }

  #happened(what: 'plan' | 'grant', node: VirtualNode): void {
    const { simulation } = this.site
    this.#counts[what] += 1
    for (const { fault, index, at } of this.#waiting)
      if (at.after === what && at.nth === this.#counts[what])
        simulation.at(simulation.nowMs + at.delayMs, () => this.#strike(fault, index, node))
  }

  #strike(fault: Fault, index: number, actor?: VirtualNode): void {
    const { site } = this
    if (this.isOver) return
    const mend = this.#mendOf('node' in fault && fault.node === ACTOR ? { ...fault, node: actor?.name ?? '' } : fault)
    if (!mend) return
    site.logbook.strike(index)
    const { atMs: _, ...what } = fault
    site.tell(`fault ${index}${actor ? ` on ${actor.name}` : ''}: ${JSON.stringify(what)}`)
    this.later('forMs' in fault ? fault.forMs : undefined, () => {
      site.tell(`fault ${index} ends`)
      mend()
    })
  }

  #mendOf(fault: Fault): Mend {
    switch (fault.type) {
      case 'partition':
      case 'cut':
      case 'rough':
      case 'arbiter-killed':
      case 'arbiter-paused':
      case 'arbiter-slow':
        return strikeNetwork(this.site, fault)
      case 'provider-down':
      case 'provider-slow':
      case 'fence-dead':
      case 'fence-slow':
        return strikeOutside(this.site, fault)
      case 'hold':
      case 'maintenance':
      case 'command':
      case 'stop':
      case 'disagree':
        return strikePeople(this, fault)
      case 'pause':
      case 'stutter':
      case 'suspend':
      case 'crash':
      case 'power':
      case 'clock-rate':
      case 'wall-jump':
      case 'boot-jump':
      case 'control-dead':
      case 'service-dead':
      case 'actuator':
        return strikeMachine(this, fault)
      default:
        return assertNever(fault)
    }
  }
}
