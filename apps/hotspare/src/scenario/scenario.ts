import { type Clock, errorText, sleep } from '@hotspare/core'
import type { TimelineFollower } from './follower.ts'
import { firstGoodAnswerMs, type LatencySummary, type Span, summarizeLatency } from './latency.ts'
import type { Load } from './load.ts'

/** One disturbance, or the end of one, and what has to follow from it. */
export interface Step {
  /** `SIGKILL to the busiest origin` */
  readonly title: string
  /** Does it. @returns the target that it was done to */
  act(): Promise<string>
  /** The type of the timeline entry that shows that it was noticed. */
  readonly noticedBy: string
  /** How long that may take, in milliseconds. */
  readonly withinMs: number
  /** Looks at the world once things have settled. @returns what is wrong, if anything is */
  verify?(targetId: string): Promise<string | undefined>
}

export interface StepReport {
  readonly title: string
  readonly targetId: string | undefined
  /** From the act to the arrival of the entry in the timeline, by the monotonic clock: a few milliseconds of delivery are in it. */
  readonly noticedAfterMs: number | undefined
  /** From the act to the end of the first good answer to a request that was due after it. */
  readonly firstGoodAnswerMs: number | undefined
  /** The seconds before the act, from the act until it was noticed and settled, and the seconds after. */
  readonly before: LatencySummary
  readonly during: LatencySummary
  readonly after: LatencySummary
  readonly problems: readonly string[]
}

export interface ScenarioOptions {
  readonly steps: readonly Step[]
  readonly load: Pick<Load, 'samples'>
  readonly follower: Pick<TimelineFollower, 'waitFor'>
  readonly clock: Clock
  /** Undisturbed load before the first step, in milliseconds. */
  readonly baselineMs: number
  /** How long `after` lasts, and how long each step lets things settle before, in milliseconds. */
  readonly settleMs: number
  readonly onStep?: ((title: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs the steps in order under load. A step that goes wrong is reported; the next ones still run. */
export async function runScenario(options: ScenarioOptions): Promise<StepReport[]> {
  const { steps, load, clock, baselineMs, onStep, signal } = options
  const drafts: { readonly draft: StepDraft; readonly title: string }[] = []
  await sleep(baselineMs, { clock, signal })
  for (const step of steps) {
    onStep?.(step.title)
    drafts.push({ title: step.title, draft: await runStep(step, options) })
  }
  return drafts.map(({ title, draft }) => ({
    title,
    targetId: draft.targetId,
    noticedAfterMs: draft.noticedAfterMs,
    firstGoodAnswerMs: firstGoodAnswerMs(load.samples, draft.during.fromMs),
    before: summarizeLatency(load.samples, draft.before),
    during: summarizeLatency(load.samples, draft.during),
    after: summarizeLatency(load.samples, draft.after),
    problems: draft.problems,
  }))
}

interface StepDraft {
  readonly targetId: string | undefined
  readonly noticedAfterMs: number | undefined
  readonly before: Span
  readonly during: Span
  readonly after: Span
  readonly problems: readonly string[]
}

async function runStep(step: Step, options: ScenarioOptions): Promise<StepDraft> {
  const { clock, follower, settleMs, signal } = options
  const problems: string[] = []
  const actedMs = clock.monotonicMs()
  let targetId: string | undefined
  let noticedAfterMs: number | undefined
  try {
    targetId = await step.act()
    const { arrivedMs } = await follower.waitFor(
      `${step.noticedBy} of ${targetId}`,
      (followed) => followed.arrivedMs >= actedMs && followed.entry.type === step.noticedBy && followed.entry['targetId'] === targetId,
      step.withinMs,
      { signal },
    )
    noticedAfterMs = arrivedMs - actedMs
  } catch (error) {
    problems.push(errorText(error))
  }
  await sleep(settleMs, { clock, signal })
  const settledMs = clock.monotonicMs()
  await sleep(settleMs, { clock, signal })
  try {
    const wrong = targetId === undefined ? undefined : await step.verify?.(targetId)
    if (wrong !== undefined) problems.push(wrong)
  } catch (error) {
    problems.push(errorText(error))
  }
  return {
    targetId,
    noticedAfterMs,
    before: { fromMs: actedMs - 2 * settleMs, toMs: actedMs },
    during: { fromMs: actedMs, toMs: settledMs },
    after: { fromMs: settledMs, toMs: clock.monotonicMs() },
    problems,
  }
}
