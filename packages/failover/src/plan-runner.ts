import { errorText } from '@hotspare/core'
import type { Plan, Step } from '@hotspare/core/plan'
import { executePlan, type PlanRecord, type StepRecord } from './execute.ts'
import type { Facts } from './facts.ts'
import { type LocalSteps, refused } from './local-steps.ts'
import { makePlan, type Move } from './make-plan.ts'
import type { ServiceHost, ServiceParts } from './service-parts.ts'
import type { PerformRequest } from './wire.ts'

export interface PlanRunnerOptions {
  readonly parts: ServiceParts
  readonly host: Pick<ServiceHost, 'node' | 'clock' | 'emit' | 'ask' | 'nodeFacts'>
  readonly steps: LocalSteps
  /** Whether it is certain, for the right that we have, that no other member has anything. */
  readonly isCleared: () => boolean
  /** A peer has taken the lease over, in a plan of ours. */
  readonly handedTo: (node: string) => void
}

/** Spells moves out and has them done, here or by whom a step names; remembers how long each step took. */
export class PlanRunner {
  readonly #options: PlanRunnerOptions
  readonly #took = new Map<string, number>()
  #runs = 0

  constructor(options: PlanRunnerOptions) {
    this.#options = options
  }

  /** @throws HotspareError `HOTSPARE_CORE_PLAN` when the instructions are incomplete */
  plan(move: Move, facts: Facts): Plan {
    const { definition, instructions } = this.#options.parts
    const plan = makePlan(definition, facts, move, instructions)
    return { ...plan, steps: plan.steps.map((step) => ({ ...step, tookMs: this.#took.get(stepKey(step)) ?? step.tookMs })) }
  }

  /**
   * Runs it to its end, to its first failure, or until `signal` aborts. Never rejects: what goes wrong stands in the record.
   *
   * @param about `asked`: by people; `held`: what was here when it was made
   */
  async run(
    plan: Plan,
    signal: AbortSignal,
    { asked, held }: { readonly asked: boolean; readonly held: readonly string[] },
  ): Promise<PlanRecord> {
    const { clock, emit, ask, node } = this.#options.host
    const { service, purpose, from, to, because } = plan
    this.#runs += 1
    const run = `${node}-${clock.wallMs()}-${this.#runs}`
    emit({ type: 'plan-started', at: clock.wallMs(), service, purpose, from, to, because, steps: plan.steps.map(({ id }) => id) })
    if (plan.steps.some((step) => step.node === node && step.action.type === 'take-lease')) this.#options.steps.prepareResources()
    // The right is given away in the course of it.
    const cleared = this.#options.isCleared()
    let invited: { readonly node: string; readonly invitation: unknown; readonly askedMs: number } | undefined
    const executed = await executePlan(plan, {
      clock,
      signal,
      perform: async (step, own) => {
        if (step.node !== node) {
          const askedMs = clock.monotonicMs()
          const handover = step.action.type === 'take-lease' ? this.#options.steps.takeHandover() : undefined
          const answer = await ask(step.node, { ...requestFor(plan, step, run), handover, cleared, held }, own)
          if (answer.ok && step.action.type === 'take-lease') this.#options.handedTo(step.node)
          if (answer.ok && answer.invitation !== undefined) invited = { node: step.node, invitation: answer.invitation, askedMs }
          return answer
        }
        const doubt = this.#doubtOf(plan, step)
        if (doubt !== undefined) return refused(doubt)
        const heir = invited && { ...invited, ageMs: clock.monotonicMs() - invited.askedMs }
        return this.#options.steps.act(step.action, { signal: own, heir, asked })
      },
      onStep: (record) => this.#tell(service, record),
    })
    return this.#proven(executed, signal)
  }

  /** What is here is not given up for an answer that waited while we stood still: whoever gave it may have died since. */
  #doubtOf({ steps }: Plan, step: Step): string | undefined {
    const { nodeFacts, node } = this.#options.host
    const other = steps.slice(0, steps.indexOf(step)).find((each) => each.action.type === 'acquire' && each.node !== node)
    if (step.action.type !== 'release' || !other) return undefined
    const { sick } = nodeFacts()
    return sick && `${sick}: ${other.node} may have lost it since it answered`
  }

  #tell(service: string, { step, outcome, tookMs }: StepRecord): void {
    const { clock, emit } = this.#options.host
    const about = { at: clock.wallMs(), service, step: step.id, tookMs }
    if (outcome.ok) {
      this.#took.set(stepKey(step), tookMs)
      emit({ type: 'step-finished', detail: outcome.detail, ...about })
    } else emit({ type: 'step-failed', because: outcome.because, ...about })
  }

  /** What was acquired here is kept only under a right that is still ours. */
  async #proven(record: PlanRecord, signal: AbortSignal): Promise<PlanRecord> {
    const { node } = this.#options.host
    const last = record.steps.findLast(({ step, outcome }) => step.node === node && step.action.type === 'acquire' && outcome.ok)
    if (!last) return record
    const outcome = await this.#options.steps.confirmed(last.outcome, signal).catch((error: unknown) => refused(errorText(error)))
    if (outcome.ok) return record
    return { ...record, ok: false, steps: [...record.steps, { ...last, outcome }] }
  }
}

function requestFor({ steps, service }: Plan, step: Step, run: string): PerformRequest {
  const { action, allowedMs, node } = step
  const later = steps.slice(steps.indexOf(step) + 1)
  const next = later.findIndex((each) => each.node === node)
  const others = later.findIndex((each) => each.node !== node)
  const following = others === -1 ? later : later.slice(0, others)
  const untilNextMs = later.slice(0, Math.max(0, next)).reduce((sum, each) => sum + each.allowedMs, 0)
  return {
    service,
    run,
    action,
    allowedMs,
    untilNextMs,
    last: next === -1,
    next: following.map((each) => ({ action: each.action, allowedMs: each.allowedMs })),
  }
}

function stepKey({ action, node }: Step): string {
  return `${action.type} ${'resource' in action ? action.resource : 'target' in action ? action.target : ''} ${node}`
}
