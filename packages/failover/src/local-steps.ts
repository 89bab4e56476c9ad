import { assertNever, type Clock, errorText, withDeadline } from '@hotspare/core'
import type { Outcome, StepAction } from '@hotspare/core/plan'
import { candidatesOf } from './candidates.ts'
import { engineDefaults } from './defaults.ts'
import type { FactGatherer } from './fact-gatherer.ts'
import type { Heir } from './right-keeper.ts'
import type { ServiceParts } from './service-parts.ts'
import type { PerformAnswer } from './wire.ts'

export interface LocalStepsOptions {
  readonly parts: ServiceParts
  readonly gatherer: FactGatherer
  readonly clock: Clock
}

export interface LocalStepOptions {
  readonly signal: AbortSignal
  /** Whether people have asked for the plan. */
  readonly asked?: boolean | undefined
  /** Of whoever hands the right over to us: it has let go, and may have been certain of everybody else. */
  readonly consent?: { readonly from: string; readonly cleared: boolean } | undefined
  /** What the former holder had when it began to hand over: nobody else can have it. */
  readonly handedOver?: readonly string[] | undefined
  /** With `take-lease`: what it has handed over. */
  readonly handover?: unknown
  /** With `give-lease`: who is to have it. */
  readonly heir?: Heir | undefined
}

/** What this node does for a service: the steps of plans, its own and those of peers. */
export class LocalSteps {
  readonly #options: LocalStepsOptions

  constructor(options: LocalStepsOptions) {
    this.#options = options
  }

  async act(
    action: StepAction,
    { signal, handedOver = [], handover, heir, consent, asked = false }: LocalStepOptions,
  ): Promise<PerformAnswer> {
    const { keeper, board, clearance } = this.#options.gatherer
    switch (action.type) {
      case 'prepare':
        return this.#prepare()
      case 'take-lease':
        return keeper.take(signal, handover)
      case 'give-lease':
        return keeper.give(signal, heir)
      case 'fence':
        return clearance.fence(action.target, { signal, asked })
      case 'acquire': {
        if (consent?.cleared) clearance.open()
        const obstacle = await clearance.obstacle(signal, consent?.from)
        if (obstacle !== undefined) return refused(obstacle)
        return board.acquire(action.resource, keeper.right, { signal, handedOver: handedOver.includes(action.resource) })
      }
      case 'release':
        return board.release(action.resource, signal)
      default:
        return assertNever(action)
    }
  }

  /** What the node that takes the lease next has to be given, once. */
  takeHandover(): unknown {
    return this.#options.gatherer.keeper.takeHandover()
  }

  /** Begins what takes its time and changes nothing. A resource that cannot is found out when it is acquired. */
  prepareResources(): void {
    for (const resource of this.#options.parts.resources) {
      try {
        resource.prepare?.()
      } catch {
        // It was a help and no more.
      }
    }
  }

  /** After an action under a right, one last look at the right: what was done without it is taken back. */
  async confirmed(outcome: Outcome, signal: AbortSignal): Promise<Outcome> {
    const { parts, gatherer } = this.#options
    const { keeper } = gatherer
    // An arbiter that is slow for a moment has not said no: the right is asked after again while there is one.
    for (let asked = 0; asked < engineDefaults.confirmations && keeper.right && !signal.aborted; asked++) {
      if (await keeper.right.confirm({ signal }).catch(() => false)) return outcome
    }
    // For `keep`, nothing is taken away on a mere suspicion: an arbiter that is silent, or a plan that was ended early.
    // A silent arbiter's last word may be from before the right was handed over to us.
    const isElsewhere = keeper.arbiterAnswers && keeper.verdict().state === 'elsewhere'
    if (parts.definition.onControlLoss === 'release' || isElsewhere) await this.releaseAll()
    return refused('the right was gone when it was looked at after the last step')
  }

  /** Lets go of everything, the last one first. Never rejects. @returns the resources that could not be released */
  async releaseAll(): Promise<readonly string[]> {
    const { parts, gatherer, clock } = this.#options
    const left: string[] = []
    for (const { id, allowedMs } of parts.resources.toReversed()) {
      const outcome = await withDeadline(`release ${id}`, allowedMs.release, (signal) => gatherer.board.release(id, signal), {
        clock,
      }).catch((error: unknown) => refused(errorText(error)))
      if (!outcome.ok) left.push(`${id}: ${outcome.because}`)
    }
    return left
  }

  #prepare(): PerformAnswer {
    const { keeper } = this.#options.gatherer
    const facts = this.#options.gatherer.facts()
    const own = candidatesOf(this.#options.parts.definition, facts).find(({ node }) => node === facts.node)
    if (!own?.eligible) return refused(own?.because ?? `${facts.node} is no member`)
    this.prepareResources()
    return { ok: true, detail: own.because, invitation: keeper.invite() }
  }
}

export function refused(because: string): Outcome {
  return { ok: false, because, retryable: true }
}
