import type { IncomingHttpHeaders } from 'node:http'
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
  /** The value of a `Set-Cookie` for the client, added to the answer of this attempt and of no other. */
  readonly setCookie?: string | undefined
  /** @param outcome absent where the attempt shows nothing of the target: it was taken back, or the client left first */
  done(outcome?: PickOutcome): void
}

/** What an attempt shows of its target. */
export interface PickOutcome {
  /** To the head of the answer, or to the failure, in milliseconds. */
  readonly latencyMs: number
  /** Whether the target did its work: a whole answer, neither 5xx nor 429. */
  readonly ok: boolean
}

/** The picker sends the request away. */
export interface PickRefusal {
  /** Why, in the picker's own words. */
  readonly refused: string
}

/** A request, as far as a picker may care; read from the request itself, nothing is copied. */
export interface PickRequest {
  readonly method: string
  /** As it stands in the request's first line. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** The client's, as the socket has it; undefined once it is gone. */
  readonly remoteAddress: string | undefined
}

export interface PickContext {
  /** Targets that this request has tried already. */
  readonly exclude: ReadonlySet<string>
  readonly request: PickRequest
  /** For a picker that waits: aborts when the request has ended, or has waited for `firstByteTimeoutMs`. */
  readonly signal: AbortSignal
}

/** Undefined: no target may be used. */
export type Picked = TargetPick | PickRefusal | undefined

/**
 * Chooses a target for each attempt: a pool of `@hotspare/balance` fits, and so does a function of your own. It may
 * answer later, with a promise; what it picks for a request that has ended meanwhile is given back with `done()`.
 */
export type PickTarget = (context: PickContext) => Picked | Promise<Picked>

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
