import type { EventBase } from '@hotspare/core'
import type { AttemptFailure } from './failure.ts'

/** Where requests go. */
export interface ProxyTarget {
  readonly id: string
  /** `http://host:port` or `https://host:port`, nothing behind it. */
  readonly url: string
}

/** One use of a target; the picker counts it until `done` is called. */
export interface TargetPick {
  readonly target: ProxyTarget
  /** Why this target, in the picker's own words. */
  readonly reason: string
  done(): void
}

export interface PickContext {
  /** Targets that this request has tried already. */
  readonly exclude: ReadonlySet<string>
}

/** Chooses a target for each attempt: a pool of `@hotspare/balance` fits, and so does a function of your own. */
export type PickTarget = (context: PickContext) => TargetPick | undefined

/**
 * How a request ended for the client:
 * - `answered`: the whole answer of a target was delivered
 * - `refused`: the proxy answered itself (bad request, no target, out of retries)
 * - `cut`: the target broke after the head had been sent on; the client's connection was aborted, never silently short
 * - `client-gone`: the client left first
 */
export type RequestOutcome = 'answered' | 'refused' | 'cut' | 'client-gone'

/**
 * One attempt at one target has ended. The passive health of a target is made of these: whether it is there
 * (`speaksAgainstTarget`), and how well it answers.
 */
export interface AttemptFinishedEvent extends EventBase {
  readonly type: 'attempt-finished'
  readonly targetId: string
  /** Absent when the target answered, whatever the status. */
  readonly failure?: AttemptFailure | undefined
  /** Absent where no answer came; beside a `failure`, the answer broke after its head. */
  readonly status?: number | undefined
  /** From the start of the attempt to the head of the answer, in milliseconds; absent where no answer came. */
  readonly firstByteMs?: number | undefined
  /** How long the target asks to be left alone: `Retry-After` with a 429 or 503, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined
  /** To the end of the answer, which a slow client may put off. */
  readonly durationMs: number
}

/** A failed attempt is repeated on another pick. */
export interface RequestRetriedEvent extends EventBase {
  readonly type: 'request-retried'
  readonly method: string
  readonly targetId: string
  readonly failure: AttemptFailure
  /** The number of the attempt that failed, from 1. */
  readonly attempt: number
}

export interface RequestFinishedEvent extends EventBase {
  readonly type: 'request-finished'
  readonly method: string
  readonly outcome: RequestOutcome
  /** The status that the client saw; 0 if it saw none. */
  readonly status: number
  /** The last target that was tried; absent if none was. */
  readonly targetId?: string | undefined
  readonly attempts: number
  /** From the end of the request's head to the end of the answer, in milliseconds. */
  readonly durationMs: number
  /** Why the outcome is not `answered`. */
  readonly because?: string | undefined
}

export type ProxyEvent = AttemptFinishedEvent | RequestRetriedEvent | RequestFinishedEvent
