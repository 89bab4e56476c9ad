import type { Clock, HealthState, Random, Timer } from '@hotspare/core'
import type { SimulatedMachine, Simulation } from '@hotspare/core/testing'
import type { VirtualKernel } from './kernel.ts'
import type { Lan } from './lan.ts'
import { Look } from './look.ts'
import type { ResolvedService } from './site-defaults.ts'

export interface VirtualControlOptions {
  readonly simulation: Simulation
  /** Of the process: control is stopped and killed with it. */
  readonly machine: SimulatedMachine
  readonly kernel: VirtualKernel
  readonly lan: Lan
  readonly random: Random
  readonly service: ResolvedService
  readonly setCheck: (state: HealthState, because: string) => void
  readonly setServed: (state: 'yes' | 'no', because: string) => void
}

/** How often the check's verdict is told anew, in milliseconds, as the daemon does: far more often than the engine forgets it. */
const REPEAT_MS = 1_000

/** What the control process of a node does for the engine, for one service: it checks it here, and looks at its address. */
export class VirtualControl {
  readonly #options: VirtualControlOptions
  readonly #clock: Clock
  readonly #service: string
  readonly #looks: readonly Look[]
  /** What the check has shown last. */
  #checked: { readonly ok: boolean; readonly because: string } | undefined
  #timer: Timer | undefined

  constructor(options: VirtualControlOptions) {
    const { service, machine, setServed } = options
    this.#options = options
    this.#clock = machine.clock
    this.#service = service.definition.name
    const check = new Look({
      clock: this.#clock,
      spec: service.check,
      ask: (answered) => this.#askService(service.check.answerMs, answered),
      judged: (ok, because) => {
        this.#checked = { ok, because }
        this.#tellCheck()
      },
    })
    const look = new Look({
      clock: this.#clock,
      spec: service.look,
      ask: (answered) => this.#askAddress(service.look.answerMs, answered),
      judged: (ok, because) => setServed(ok ? 'yes' : 'no', because),
    })
    // What is to be released is given up when nobody controls it: whether it answers is asked by nobody.
    this.#looks = service.definition.onControlLoss === 'keep' ? [check, look] : [check]
  }

  start(): void {
    this.stop()
    for (const look of this.#looks) look.start()
    this.#repeat()
  }

  stop(): void {
    this.#timer?.cancel()
    // Whoever starts anew knows nothing.
    this.#checked = undefined
    for (const look of this.#looks) look.stop()
  }

  /** A verdict stands until there is another one, however seldom it is looked. */
  #repeat(): void {
    this.#timer = this.#clock.schedule(REPEAT_MS, () => {
      this.#repeat()
      this.#tellCheck()
    })
  }

  #tellCheck(): void {
    if (this.#checked) this.#options.setCheck(this.#checked.ok ? 'up' : 'down', this.#checked.because)
  }

  #askService(answerMs: number, answered: (ok: boolean) => void): void {
    const { simulation, machine, kernel, random } = this.#options
    const ok = kernel.isUp(this.#service)
    simulation.deliver(machine, ok ? random.next() * answerMs : 0.1, () => answered(ok))
  }

  #askAddress(answerMs: number, answered: (ok: boolean) => void): void {
    const { simulation, machine, kernel, lan, random } = this.#options
    if (kernel.holds(this.#service)) return this.#askService(answerMs, answered)
    const end = lan.ask(kernel, this.#service, 'get', ({ ok }) => {
      end()
      simulation.deliver(machine, random.next() * answerMs, () => answered(ok))
    })
  }
}
