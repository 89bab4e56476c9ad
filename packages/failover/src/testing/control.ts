import type { Clock, HealthState, Random } from '@hotspare/core'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { VirtualKernel } from './kernel.ts'
import type { Lan } from './lan.ts'

export interface VirtualControlOptions {
  readonly simulation: Simulation
  /** Of the process: control is stopped and killed with it. */
  readonly machine: SimulatedMachine
  readonly kernel: VirtualKernel
  readonly lan: Lan
  readonly random: Random
  /** Looks that must fail in a row before the site is called silent. */
  readonly servedFall: number
  /** Whether anybody wants to know whether the address answers. */
  readonly looksAtAddress: boolean
  readonly setCheck: (state: HealthState, because: string) => void
  readonly setServed: (state: 'yes' | 'no', because: string) => void
}

/** The times of the looks, in milliseconds. */
const times = Object.freeze({
  intervalMs: 100,
  /** By the process's own clock: it runs out in a pause too, and whoever wakes may see that before he sees the answer. */
  timeoutMs: 250,
  /** What the service takes to answer, at most. */
  answerMs: 30,
})

/** Failures in a row that make the check `down`. */
const CHECK_FALL = 2

/** What the control process of a node does for the engine: it checks the service here, and looks at the address. */
export class VirtualControl {
  readonly #options: VirtualControlOptions
  readonly #clock: Clock
  #checkFailures = 0
  #servedFailures = 0
  #running = true

  constructor(options: VirtualControlOptions) {
    this.#options = options
    this.#clock = options.machine.clock
    this.#again()
  }

  stop(): void {
    this.#running = false
  }

  #again(): void {
    if (!this.#running) return
    this.#clock.schedule(times.intervalMs, () => this.#again())
    this.#look(
      (answered) => this.#askService(answered),
      (ok, because) => this.#checked(ok, because),
    )
    if (!this.#options.looksAtAddress) return
    this.#look(
      (answered) => this.#askAddress(answered),
      (ok, because) => this.#looked(ok, because),
    )
  }

  /** One question with its timeout; only the first of both counts. */
  #look(ask: (answered: (ok: boolean) => void) => void, judge: (ok: boolean, because: string) => void): void {
    let isOver = false
    const over = (ok: boolean, because: string) => {
      if (isOver || !this.#running) return
      isOver = true
      timer.cancel()
      judge(ok, because)
    }
    const timer = this.#clock.schedule(times.timeoutMs, () => over(false, `no answer within ${times.timeoutMs} ms`))
    ask((ok) => over(ok, ok ? 'it answers' : 'connection refused'))
  }

  #askService(answered: (ok: boolean) => void): void {
    const { simulation, machine, kernel, random } = this.#options
    const ok = kernel.serviceUp
    simulation.deliver(machine, ok ? random.next() * times.answerMs : 0.1, () => answered(ok))
  }

  #askAddress(answered: (ok: boolean) => void): void {
    const { simulation, machine, kernel, lan, random } = this.#options
    if (kernel.holds) return this.#askService(answered)
    const end = lan.ask(kernel, 'get', ({ ok }) => {
      end()
      simulation.deliver(machine, random.next() * times.answerMs, () => answered(ok))
    })
  }

  #checked(ok: boolean, because: string): void {
    this.#checkFailures = ok ? 0 : this.#checkFailures + 1
    if (ok) this.#options.setCheck('up', because)
    else if (this.#checkFailures >= CHECK_FALL) this.#options.setCheck('down', because)
  }

  #looked(ok: boolean, because: string): void {
    this.#servedFailures = ok ? 0 : this.#servedFailures + 1
    if (ok) this.#options.setServed('yes', because)
    else if (this.#servedFailures >= this.#options.servedFall) this.#options.setServed('no', because)
  }
}
