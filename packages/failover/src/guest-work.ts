import { type Clock, errorText, withDeadline } from '@hotspare/core'
import type { Outcome, StepAction } from '@hotspare/core/plan'
import { engineDefaults } from './defaults.ts'
import type { Role } from './facts.ts'
import { type LocalSteps, refused } from './local-steps.ts'
import type { PerformAnswer, PerformRequest } from './wire.ts'

/** This node's part in a plan that a peer runs, from its first step here to its last. */
export class GuestWork {
  readonly type = 'guest'
  readonly run: string
  readonly peer: string
  readonly #steps: LocalSteps
  readonly #clock: Clock
  readonly #abort = new AbortController()
  #untilMs = Infinity
  #inStep = false
  #acquired = false
  /** Whether the peer was certain that nobody else holds anything. */
  #cleared = false
  /** What the peer had when it began. */
  #held: readonly string[] = []
  readonly #beganMs: number
  /** The last word of the peer; the first that is seen here may be from before this began. */
  #report: object | undefined
  #saidLeaving = false
  #givenUp = false
  /** Steps that are done, or being done, before they are asked for. */
  readonly #ahead = new Map<string, Promise<Outcome>>()

  constructor({
    run,
    peer,
    steps,
    clock,
  }: {
    readonly run: string
    readonly peer: string
    readonly steps: LocalSteps
    readonly clock: Clock
  }) {
    this.run = run
    this.peer = peer
    this.#steps = steps
    this.#clock = clock
    this.#beganMs = clock.monotonicMs()
  }

  /** Whether resources have come here in it. */
  get acquired(): boolean {
    return this.#acquired
  }

  get inStep(): boolean {
    return this.#inStep
  }

  /** Whether the peer would have asked for the next step by now, if it went on. */
  isOverdue(): boolean {
    return this.#clock.monotonicMs() >= this.#untilMs
  }

  /**
   * Takes in what the peer tells. Whoever runs the plan is leaving: once it says that it is not, it has given the plan up, or is
   * another process by now. What is heard early may have been said before.
   *
   * @param report tells one word of the peer from the next
   * @returns whether it has
   */
  isGivenUp(report: object | undefined, role: Role | undefined): boolean {
    const isNews = this.#report !== undefined && report !== this.#report
    this.#report = report ?? this.#report
    if (role === 'leaving') this.#saidLeaving = true
    const isLate = this.#clock.monotonicMs() - this.#beganMs >= engineDefaults.reportTimeoutMs
    if (isNews && role !== undefined && role !== 'leaving' && (this.#saidLeaving || isLate)) this.#givenUp = true
    return this.#givenUp
  }

  /** Ends the step that is under way, if one is. */
  abandon(): void {
    this.#abort.abort(new Error(`the plan of ${this.peer} was given up`))
  }

  /**
   * Does one step within its time, goes ahead with those that follow it here, and after the last one looks at the right once more.
   * Never rejects.
   */
  async perform(
    { action, allowedMs, untilNextMs, last, next = [], handover, cleared = false, held = [] }: PerformRequest,
    signal: AbortSignal,
  ): Promise<PerformAnswer> {
    this.#untilMs = this.#clock.monotonicMs() + allowedMs + untilNextMs + engineDefaults.guestSlackMs
    const either = AbortSignal.any([signal, this.#abort.signal])
    this.#inStep = true
    this.#cleared ||= cleared
    this.#held = held
    try {
      const outcome = await (this.#ahead.get(keyOf(action)) ?? this.#act(action, { allowedMs, signal: either, handover }))
      if (outcome.ok && this.#ahead.size === 0) this.#goAhead(next)
      return outcome.ok && last && this.#acquired ? await this.#steps.confirmed(outcome, either) : outcome
    } catch (error) {
      return refused(errorText(error))
    } finally {
      this.#inStep = false
    }
  }

  /** One after the other, up to the first that fails: what the peer asks for next is done, or being done, by then. */
  #goAhead(next: NonNullable<PerformRequest['next']>): void {
    let before: Promise<Outcome> | undefined
    for (const { action, allowedMs } of next) {
      const act = () => this.#act(action, { allowedMs, signal: this.#abort.signal })
      before = before ? before.then((outcome) => (outcome.ok ? act() : outcome)) : act()
      this.#ahead.set(keyOf(action), before)
    }
  }

  /** Never rejects. */
  async #act(
    action: StepAction,
    { allowedMs, signal, handover }: { readonly allowedMs: number; readonly signal: AbortSignal; readonly handover?: unknown },
  ): Promise<PerformAnswer> {
    this.#acquired ||= action.type === 'acquire'
    const act = (own: AbortSignal) =>
      this.#steps.act(action, { signal: own, handedOver: this.#held, handover, consent: { from: this.peer, cleared: this.#cleared } })
    try {
      return await withDeadline(`${action.type} for ${this.peer}`, allowedMs, act, { clock: this.#clock, signal })
    } catch (error) {
      return refused(errorText(error))
    }
  }
}

function keyOf(action: StepAction): string {
  return 'resource' in action ? `${action.type} ${action.resource}` : action.type
}

/** Why a step that a peer asks for is not done; undefined when it is. */
export function refusalOf(
  work: { readonly type: 'own' } | Pick<GuestWork, 'type' | 'run' | 'peer' | 'inStep'> | undefined,
  { run, action }: Pick<PerformRequest, 'run' | 'action'>,
  peer: string,
): string | undefined {
  if (!work) return action.type === 'prepare' ? undefined : 'the plan did not begin with a look at this node, or took too long'
  if (work.type === 'own' || work.run !== run || work.peer !== peer) return 'it is busy with another plan'
  return work.inStep ? 'it is still at the step before' : undefined
}
