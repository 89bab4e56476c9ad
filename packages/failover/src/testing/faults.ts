import { errorText } from '@hotspare/core'
import type { VirtualNode } from './node.ts'
import type { Site } from './site.ts'

/** What happens to a site between two times: faults of machines, processes and networks, and what people do. */
export class Faults {
  readonly #site: Site
  readonly #untilMs: number

  constructor(site: Site, { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number }) {
    this.#site = site
    this.#untilMs = untilMs
    const { simulation } = site
    for (let atMs = site.between(fromMs, 2 * fromMs); atMs < untilMs; atMs += site.between(100, 2_400))
      simulation.at(atMs, () => this.#strike(site.pick(site.nodes)))
    // In the middle of a plan, to whoever may have a part in it.
    site.onPlan = () => {
      if (!site.chance(0.25)) return
      const node = site.pick(site.nodes)
      simulation.at(simulation.nowMs + site.between(0.01, 120), () => this.#strikeWithin(node))
    }
    // Between the right and what is done under it.
    site.onGrant = (node) => {
      if (!site.chance(0.15)) return
      const forMs = site.between(1_000, 4_000)
      simulation.at(simulation.nowMs + site.between(0.01, 10), () => this.#pause(node, forMs))
    }
  }

  /** Everything is mended: machines run, networks are whole, and people have taken their holds back. */
  calm(): void {
    const site = this.#site
    site.onPlan = undefined
    site.onGrant = undefined
    site.tell('calm')
    site.wires.heal()
    if (!site.arbiter?.alive) site.startArbiter()
    site.arbiter?.resume()
    for (const node of site.nodes) {
      this.#mend(node)
      node.disk.hold = undefined
      node.disk.maintenance = undefined
      node.process?.failover.look()
    }
  }

  #mend(node: VirtualNode): void {
    if (!node.kernel.machine.alive) this.#site.boot(node)
    this.#site.resume(node)
    node.kernel.setService(true)
    this.#site.startProcess(node)
  }

  #strikeWithin(node: VirtualNode): void {
    const site = this.#site
    const faults = [
      () => this.#pause(node, site.between(300, 3_000)),
      () => this.#pause(node, site.between(1_000, 3_000)),
      () => this.#kill(node),
      () => this.#cutPower(node),
      () => this.#cut(node),
      () => this.#cutArbiter(node),
      () => this.#suspend(node),
    ]
    site.pick(faults)()
  }

  #strike(node: VirtualNode): void {
    const site = this.#site
    const faults = [
      () => this.#pause(node, site.between(50, 500)),
      () => this.#pause(node, site.between(300, 3_000)),
      () => this.#stutter(node),
      () => this.#suspend(node),
      () => this.#kill(node),
      () => this.#kill(node),
      () => this.#killOften(node),
      () => this.#cutPower(node),
      () => this.#breakService(node),
      () => this.#breakService(node),
      () => this.#cut(node),
      () => this.#cut(node),
      () => this.#cutArbiter(node),
      () => this.#isolate(node),
      () => this.#isolate(node),
      () => this.#isolate(node),
      () => this.#roughen(),
      () => this.#stopArbiter(),
      () => this.#slew(node),
      () => this.#hold(node),
      () => this.#maintain(node),
      () => this.#command(node),
      () => this.#command(node),
      () => this.#stop(node),
    ]
    site.pick(faults)()
  }

  /** At the latest when everything is mended. */
  #later(forMs: number, callback: () => void): void {
    const { simulation } = this.#site
    simulation.at(Math.min(simulation.nowMs + forMs, this.#untilMs), callback)
  }

  get #isOver(): boolean {
    return this.#site.simulation.nowMs >= this.#untilMs
  }

  #tell(what: string): void {
    this.#site.tell(`fault: ${what}`)
  }

  #pause(node: VirtualNode, forMs: number): void {
    if (!node.runs || this.#isOver) return
    const { process } = node
    this.#tell(`${node.name} is paused for ${Math.round(forMs)} ms`)
    node.pause()
    this.#later(forMs, () => {
      if (node.process !== process) return
      this.#tell(`${node.name} goes on`)
      this.#site.resume(node)
    })
  }

  /** As on a machine that starves: it runs for moments only. */
  #stutter(node: VirtualNode): void {
    const { simulation } = this.#site
    for (let turn = 0; turn < 5; turn++) simulation.at(simulation.nowMs + turn * 420, () => this.#pause(node, 400))
  }

  #suspend(node: VirtualNode): void {
    const { kernel } = node
    if (!kernel.machine.running || (node.lives && !node.runs) || this.#isOver) return
    const forMs = this.#site.between(50, 3_000)
    this.#tell(`${node.name} is suspended for ${Math.round(forMs)} ms`)
    this.#site.judge.faultStruck()
    node.suspend()
    this.#later(forMs, () => {
      if (node.kernel !== kernel) return
      this.#tell(`${node.name} is awake`)
      this.#site.resume(node)
    })
  }

  #kill(node: VirtualNode, forMs: number = this.#site.between(50, 4_000)): void {
    if (!node.lives || !node.kernel.machine.running || this.#isOver) return
    this.#tell(`hotspare is killed on ${node.name} for ${Math.round(forMs)} ms`)
    this.#site.killProcess(node, { told: this.#site.chance(0.5) })
    this.#later(forMs, () => this.#site.startProcess(node))
  }

  #killOften(node: VirtualNode): void {
    const { simulation } = this.#site
    for (let turn = 0; turn < 3; turn++) simulation.at(simulation.nowMs + turn * 300, () => this.#kill(node, 150))
  }

  #cutPower(node: VirtualNode): void {
    if (!node.kernel.machine.alive || this.#isOver) return
    const forMs = this.#site.between(500, 4_000)
    this.#tell(`${node.name} has no power for ${Math.round(forMs)} ms`)
    this.#site.judge.faultStruck()
    node.cutPower()
    this.#later(forMs, () => this.#mend(node))
  }

  #breakService(node: VirtualNode): void {
    if (!node.kernel.serviceUp) return
    const forMs = this.#site.between(50, 4_000)
    this.#tell(`the service of ${node.name} is dead for ${Math.round(forMs)} ms`)
    node.kernel.setService(false)
    this.#later(forMs, () => node.kernel.setService(true))
  }

  #cut(node: VirtualNode): void {
    const other = this.#site.pick(this.#site.nodes.filter((each) => each !== node)).name
    const both = this.#site.chance(0.6)
    this.#cutWays(both ? [[node.name, other] as const, [other, node.name] as const] : [[node.name, other] as const])
  }

  #cutArbiter({ name }: VirtualNode): void {
    const ways = [[name, 'arbiter'] as const, ['arbiter', name] as const]
    this.#cutWays(this.#site.chance(0.6) ? ways : [this.#site.pick(ways)])
  }

  #isolate({ name }: VirtualNode): void {
    const others = [...this.#site.nodes.map((node) => node.name).filter((other) => other !== name), 'arbiter']
    this.#cutWays(others.flatMap((other) => [[name, other] as const, [other, name] as const]))
  }

  #cutWays(ways: readonly (readonly [from: string, to: string])[]): void {
    const { wires } = this.#site
    if (this.#isOver) return
    const forMs = this.#site.between(100, 4_000)
    this.#tell(`cut ${ways.map(([from, to]) => `${from} > ${to}`).join(', ')} for ${Math.round(forMs)} ms`)
    for (const [from, to] of ways) wires.cut(from, to)
    this.#later(forMs, () => {
      for (const [from, to] of ways) wires.mend(from, to)
    })
  }

  #roughen(): void {
    const { wires } = this.#site
    const lossRatio = this.#site.chance(0.5) ? this.#site.between(0, 0.4) : 0
    const mostMs = this.#site.chance(0.5) ? this.#site.between(1, 150) : 1
    this.#tell(`packets are lost (${lossRatio.toFixed(2)}) and late (${mostMs.toFixed(0)} ms)`)
    wires.roughen({ lossRatio, delayMs: [0.1, mostMs], duplicateRatio: this.#site.between(0, 0.2) })
    this.#later(this.#site.between(200, 4_000), () => wires.smooth())
  }

  #stopArbiter(): void {
    const site = this.#site
    const { arbiter } = site
    if (!arbiter?.running) return
    const killed = site.chance(0.5)
    const forMs = site.between(100, 4_000)
    this.#tell(`the arbiter is ${killed ? 'killed' : 'paused'} for ${Math.round(forMs)} ms`)
    if (killed) arbiter.kill()
    else arbiter.pause()
    this.#later(forMs, () => {
      if (site.arbiter !== arbiter) return
      if (killed) site.startArbiter()
      else arbiter.resume()
    })
  }

  #slew(node: VirtualNode): void {
    node.setClockRate(this.#site.clockRate())
  }

  #hold(node: VirtualNode): void {
    const { simulation } = this.#site
    this.#tell(`people hold ${node.name}`)
    const hold = { since: simulation.nowMs, because: 'people want it' }
    node.disk.hold = hold
    node.disk.heldAtMs = simulation.nowMs
    if (node.runs) node.process?.failover.look()
    this.#later(this.#site.between(500, 3_000), () => {
      if (node.disk.hold !== hold) return
      this.#tell(`people hold ${node.name} no longer`)
      node.disk.hold = undefined
      if (node.runs) node.process?.failover.look()
    })
  }

  #maintain(node: VirtualNode): void {
    this.#tell(`people maintain ${node.name}`)
    node.disk.maintenance = 'people work on it'
    if (node.runs) node.process?.failover.look()
    this.#later(this.#site.between(500, 3_000), () => {
      this.#tell(`people are done with ${node.name}`)
      node.disk.maintenance = undefined
      if (node.runs) node.process?.failover.look()
    })
  }

  #command(node: VirtualNode): void {
    const { service, judge } = this.#site
    if (!node.runs || !node.process) return
    const type = this.#site.chance(0.7) ? 'switchover' : 'failover'
    const to = this.#site.chance(0.5) ? this.#site.pick(service.members) : undefined
    this.#tell(`people command a ${type} to ${to ?? 'anybody'} on ${node.name}`)
    // Whoever has commanded it may be gone before the plan begins on another node.
    if (type === 'failover') {
      judge.commands += 1
      this.#later(5_000, () => void (judge.commands -= 1))
    }
    node.process.failover.command(service.name, { type, to }).then(
      (result) => this.#site.tell(`the command to ${node.name}: ${result.because}`),
      (error: unknown) => this.#site.violate(`a command was thrown out: ${errorText(error)}`),
    )
  }

  #stop(node: VirtualNode): void {
    const { process } = node
    if (!node.runs || !process) return
    this.#tell(`hotspare is stopped on ${node.name}`)
    const forMs = this.#site.between(100, 3_000)
    process.stop().then(
      () => {
        if (node.process !== process) return
        this.#tell(`hotspare has stopped on ${node.name}`)
        node.kill()
        this.#later(forMs, () => this.#site.startProcess(node))
      },
      (error: unknown) => this.#site.violate(`${node.name} could not stop: ${errorText(error)}`),
    )
  }
}
