import type { HealthState, Verdict } from '@hotspare/core'
import { Aged } from './aged.ts'
import { Clearance } from './clearance.ts'
import { engineDefaults } from './defaults.ts'
import type { Facts } from './facts.ts'
import { ResourceBoard } from './resource-board.ts'
import { RightKeeper } from './right-keeper.ts'
import type { ServiceHost, ServiceParts } from './service-parts.ts'

export interface FactGathererOptions {
  readonly parts: ServiceParts
  readonly host: Pick<ServiceHost, 'node' | 'clock' | 'nodeFacts' | 'fence' | 'askReport'>
  /** There is something to look at. */
  readonly changed: () => void
  /** Whether a plan of our own is under way: it knows what happens to the lease, and is not held up by looks at it. */
  readonly isBusy: () => boolean
}

/** All that this node knows about one service: its right, its resources, its check, and what holds for the whole node. */
export class FactGatherer {
  readonly keeper: RightKeeper
  readonly board: ResourceBoard
  readonly clearance: Clearance
  readonly #options: FactGathererOptions
  readonly #check: Aged<HealthState>
  readonly #served: Aged<Facts['served']['state']>

  constructor(options: FactGathererOptions) {
    const { parts, host, changed } = options
    const { node, clock } = host
    this.#options = options
    this.board = new ResourceBoard({ resources: parts.resources, clock, changed })
    this.keeper = new RightKeeper({ node, lease: parts.lease, clock, changed: () => this.#leaseChanged() })
    this.clearance = new Clearance({
      definition: parts.definition,
      host,
      right: () => this.keeper.right,
      facts: () => this.facts(),
    })
    this.#check = new Aged({ maxAgeMs: engineDefaults.checkMaxAgeMs, unknown: 'unknown', source: 'its health check' })
    this.#served = new Aged({ maxAgeMs: engineDefaults.servedMaxAgeMs, unknown: 'unknown', source: 'the look at its address' })
  }

  /** Looks at every resource before the lease is watched. */
  async start(): Promise<void> {
    await this.board.observe()
    this.keeper.start()
  }

  setCheck(verdict: Verdict<HealthState>): void {
    this.#check.set(verdict, this.#options.host.clock.monotonicMs())
  }

  setServed(verdict: Facts['served']): void {
    this.#served.set(verdict, this.#options.host.clock.monotonicMs())
  }

  served(): Facts['served'] {
    const { clock } = this.#options.host
    return this.#served.get(clock.monotonicMs(), clock.wallMs())
  }

  /** What was seen before a pause is not believed any more. */
  forget(): void {
    this.#check.forget()
    this.#served.forget()
  }

  facts(): Facts {
    const { parts, host } = this.#options
    const { node, clock, nodeFacts } = host
    const [atMs, wallMs] = [clock.monotonicMs(), clock.wallMs()]
    const none: Verdict<HealthState> = { state: 'up', since: wallMs, because: 'it has no check' }
    return {
      node,
      lease: this.keeper.verdict(),
      leaseHolder: this.keeper.holder,
      leaseToken: this.keeper.token,
      arbiterAnswers: this.keeper.arbiterAnswers,
      resources: this.board.facts(),
      check: parts.hasCheck ? this.#check.get(atMs, wallMs) : none,
      served: this.#served.get(atMs, wallMs),
      ...nodeFacts(),
      ...this.#fencingFacts(),
    }
  }

  #fencingFacts(): Pick<Facts, 'off' | 'cleared'> {
    const { parts, host } = this.#options
    const { definition } = parts
    if (!definition.fencing) return {}
    return { off: definition.members.filter((node) => host.fence?.isOff(node)), cleared: this.clearance.isOpen }
  }

  #leaseChanged(): void {
    if (this.#options.isBusy()) return
    // A resource that must not outlive the right has let go by itself.
    void this.board.observe()
    this.#options.changed()
  }
}
