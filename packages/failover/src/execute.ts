import { abortReason, type Clock, errorText, withDeadline } from '@hotspare/core'
import { checkPlan, type Outcome, type Plan, type Step } from '@hotspare/core/plan'

/** How one step went. */
export interface StepRecord {
  readonly step: Step
  readonly outcome: Outcome
  readonly tookMs: number
}

/** How a plan went: the steps that were tried, the last of them being the one that failed, if one did. */
export interface PlanRecord {
  readonly plan: Plan
  readonly ok: boolean
  readonly steps: readonly StepRecord[]
  readonly tookMs: number
}

export interface ExecuteOptions {
  /** Does one step, wherever it is to be done, and verifies it. May throw: that is a failure like any other. */
  readonly perform: (step: Step, signal: AbortSignal) => Promise<Outcome>
  readonly clock: Clock
  /** Aborts when the plan is to be given up; the step that runs is told. */
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((record: StepRecord) => void) | undefined
}

/**
 * Runs a plan step by step, each within its own time, up to the first that fails. What goes wrong stands in the record.
 *
 * @throws HotspareError `HOTSPARE_CORE_PLAN` for a plan that could not be run
 */
export async function executePlan(plan: Plan, { perform, clock, signal, onStep }: ExecuteOptions): Promise<PlanRecord> {
  checkPlan(plan)
  const beganMs = clock.monotonicMs()
  const steps: StepRecord[] = []
  let ok = true
  for (const step of plan.steps) {
    const stepBeganMs = clock.monotonicMs()
    const outcome = await outcomeOf(step, { perform, clock, signal })
    const record = { step, outcome, tookMs: clock.monotonicMs() - stepBeganMs }
    steps.push(record)
    onStep?.(record)
    ok = outcome.ok
    if (!ok) break
  }
  return { plan, ok, steps, tookMs: clock.monotonicMs() - beganMs }
}

/** Why a plan failed, for people; undefined when it did not. */
export function failureOf({ steps }: PlanRecord): string | undefined {
  const last = steps.at(-1)
  return last && !last.outcome.ok ? `${last.step.id}: ${last.outcome.because}` : undefined
}

async function outcomeOf(step: Step, { perform, clock, signal }: ExecuteOptions): Promise<Outcome> {
  try {
    if (signal?.aborted) throw abortReason(signal)
    return await withDeadline(step.id, step.allowedMs, (own) => perform(step, own), { clock, signal })
  } catch (error) {
    return { ok: false, because: errorText(error), retryable: true }
  }
}
