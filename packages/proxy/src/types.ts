import type { IncomingHttpHeaders } from 'node:http'
import type { EventBase } from '@hotspare/core'
import type { AttemptFailure } from './failure.ts'
import type { RequestEndReason } from './request-end.ts'

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

/** An answer that no target gives: a redirect, a page, one that was kept. */
export interface GivenAnswer {
  /** From 200 to 599. */
  readonly status: number
  /**
   * By name, in any case; a list where a name stands on several lines. Not those that say where the answer or its connection
   * ends: they are the proxy's. `Date` is now where it is missing.
   */
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  /** A text goes as UTF-8. None with 204, 205 and 304. A request of HEAD gets its length alone. */
  readonly body?: string | Uint8Array | undefined
}

/** What clients see instead of the line of text, where the proxy itself says no. */
export interface ErrorPage {
  /** As `Content-Type` has it: `text/html; charset=utf-8`. */
  readonly contentType: string
  /** A text goes as UTF-8. */
  readonly body: string | Uint8Array
}

/** By status: 400, 408, 500, 502, 503, 504 and so on. */
export type ErrorPages = Readonly<Record<number, ErrorPage>>

/** The picker answers the request itself. */
export interface PickedAnswer {
  readonly answer: GivenAnswer & {
    /** Why, in the picker's own words. */
    readonly reason: string
  }
}

/** A request, as far as a picker may care; read from the request itself, nothing is copied. */
export interface PickRequest {
  readonly method: string
  /** As it stands in the request's first line. */
  readonly url: string
  /** The one host that the request names, with its port if it gives one, as the client wrote it. Empty or absent in HTTP/1.0 without one. */
  readonly host?: string | undefined
  /** Path and query alone, as the client wrote them. Absent where the request was not understood. */
  readonly path?: string | undefined
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders
  /** The client's, as the socket has it; undefined once it is gone. */
  readonly remoteAddress: string | undefined
}

/** TLS on the client's connection. */
export interface ClientTls {
  /** As OpenSSL names it: `TLSv1.3`. Absent once the connection is gone. */
  readonly version?: string | undefined
  /** The name that the client asked for (SNI); absent where it gave none. */
  readonly serverName?: string | undefined
}

/**
 * A request, as far as a log may care. Nothing is copied: it reads the bytes that the request came in when it is asked, and keeps
 * them for as long as somebody keeps it.
 */
export interface ProxyRequest extends PickRequest {
  /** Whom it was for: the host in the target, or `Host`, port and all as the client wrote it. Empty where it named none. */
  readonly host: string
  /** `HTTP/1.1`. Empty where what came was not understood. */
  readonly protocol: string
  /** The first line of what came, as far as it did, up to 8,192 bytes; there alone where it was not understood. One character is one byte, and it may be any. */
  readonly unread?: string | undefined
  /** The first header of that name, which is in lower case, without reading the others. */
  header(name: string): string | undefined
  /** The client's port, as the socket has it. */
  readonly remotePort: number | undefined
  /** Absent where the client's connection is in the clear. */
  readonly tls: ClientTls | undefined
}

export interface PickContext {
  /** Targets that this request has tried already. */
  readonly exclude: ReadonlySet<string>
  readonly request: PickRequest
  /** For a picker that waits: aborts when the request has ended, or has waited for `firstByteTimeoutMs`. */
  readonly signal: AbortSignal
}

/** Undefined: no target may be used. */
export type Picked = TargetPick | PickRefusal | PickedAnswer | undefined

/**
 * Chooses a target for each attempt: a pool of `@hotspare/balance` fits, and so does a function of your own. It may
 * answer later, with a promise; what it picks for a request that has ended meanwhile is given back with `done()`.
 */
export type PickTarget = (context: PickContext) => Picked | Promise<Picked>

/** What a target's answer says of itself. */
export interface AnswerFacts {
  readonly status: number
  /** Names in lower case, several lines of one name joined with commas; hop-by-hop headers are gone. */
  readonly headers: Readonly<Record<string, string>>
}

/** Where one answer is kept once it is whole. */
export interface AnswerKeeper {
  /** A body with more is not collected any further, and not kept. */
  readonly maxBytes: number
  keep(body: Uint8Array): void
}

/** Answers that are kept for the time when no target gives one: `createStaleStore` of `@hotspare/proxy/stale` fits. Both calls are made while a request waits. */
export interface StaleAnswers {
  /**
   * A target answers, with less than 500.
   *
   * @returns who keeps the answer, which is used for nothing but a 200 to a GET whose end can be told from a break; undefined: nobody does
   */
  offer(request: PickRequest, answer: AnswerFacts): AnswerKeeper | undefined
  /** No target has answered this GET or HEAD, or one of them with 500, 502, 503 or 504. @returns undefined: nothing fits */
  find(request: PickRequest): GivenAnswer | undefined
}

/**
 * How a request ended for the client:
 * - `answered`: the whole answer of a target was delivered
 * - `answered-here`: the picker has answered it itself
 * - `answered-stale`: no target has answered, or one of them with an error; the client got an answer that had been kept
 * - `refused`: the proxy answered itself (bad request, no target, out of retries)
 * - `cut`: the target broke after the head had been sent on; the client's connection was aborted, never silently short
 * - `client-gone`: the client left first
 */
export type RequestOutcome = 'answered' | 'answered-here' | 'answered-stale' | 'refused' | 'cut' | 'client-gone'

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
  /** `-` where what came was not understood. */
  readonly method: string
  /** What was asked, by whom. */
  readonly request: ProxyRequest
  readonly outcome: RequestOutcome
  /** The status that the client saw; 0 if it saw none. */
  readonly status: number
  /** The last target that was tried; absent if none was. */
  readonly targetId?: string | undefined
  readonly attempts: number
  /** From the end of the request's head to the end of the answer, in milliseconds. */
  readonly durationMs: number
  /** From the end of the request's head to the head of the answer that went on to the client, in milliseconds; absent where none did. */
  readonly firstByteMs?: number | undefined
  /** Bytes of the request's body that came, chunks and all; of a WebSocket, what the client said. */
  readonly receivedBytes: number
  /** Bytes of the answer's body that were given to the client's connection, chunks and all; of a WebSocket, what the target said. */
  readonly sentBytes: number
  /** Why the outcome is not `answered`, in one word; whose doing it was says `blameOf`. */
  readonly reason?: RequestEndReason | undefined
  /** The same for people. */
  readonly because?: string | undefined
}

export type ProxyEvent = AttemptFinishedEvent | RequestRetriedEvent | RequestFinishedEvent
