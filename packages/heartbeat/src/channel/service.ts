import type { Clock, Logger } from '@hotspare/core'
import { clipDetail, errorText, HotspareError, withDeadline } from '@hotspare/core'
import { cancelledError, orphanedError } from './errors.ts'
import type { PeerHandler } from './options.ts'
import { type ErrorFrame, FRAME_TEXT, type RequestFrame, type ResponseFrame } from './frame.ts'

/** Where a request came from. */
export interface Asker {
  readonly session: string
  readonly protocol: number
  /** Never rejects. @returns false when the answer is too large to be sent, or no JSON; true once it has left, or nobody is there for it */
  answer(frame: ResponseFrame | ErrorFrame): Promise<boolean>
}

export interface PeerServiceOptions {
  readonly peer: string
  readonly handlers: ReadonlyMap<string, PeerHandler>
  readonly maxRequests: number
  readonly maxRequestMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Runs handlers for one peer, over whatever connection it asks. A handler that ignores its signal keeps its place until it
 * has ended, so neither cancelling nor reconnecting lets a peer have more than `maxRequests` of them running. An answer keeps
 * it until it has left: that bounds what waits for a peer that reads slowly.
 */
export class PeerService {
  readonly #options: PeerServiceOptions
  readonly #open = new Map<Asker, Map<number, { readonly method: string; readonly controller: AbortController }>>()
  #running = 0
  #unsent = 0

  constructor(options: PeerServiceOptions) {
    this.#options = options
  }

  /** Handlers that run, and answers that have not left. */
  get taken(): number {
    return this.#running + this.#unsent
  }

  /** Never rejects. @returns whether the request was let in */
  async serve(asker: Asker, { id, method, body, remainingMs }: RequestFrame): Promise<boolean> {
    const { handlers, maxRequests, maxRequestMs, peer, clock } = this.#options
    const handler = handlers.get(method)
    if (!handler)
      return refuse(asker, { id, reason: 'unknown-method', message: `it knows no method ${clipDetail(method)}`, retryable: false })
    if (this.taken >= maxRequests) {
      return refuse(asker, { id, reason: 'busy', message: `it answers ${maxRequests} requests of ours already`, retryable: true })
    }
    const controller = new AbortController()
    const requests = this.#open.get(asker) ?? new Map<number, { method: string; controller: AbortController }>()
    this.#open.set(asker, requests.set(id, { method, controller }))
    try {
      const { session, protocol } = asker
      const answer = await withDeadline(
        `peer channel: ${method} for ${peer}`,
        Math.min(remainingMs, maxRequestMs),
        (signal) => this.#run(handler, body, { peer, session, protocol, signal }),
        { clock, signal: controller.signal },
      )
      if (!controller.signal.aborted && !(await this.#answer(asker, { type: 'response', id, body: answer }))) {
        const message = 'its answer cannot be sent: larger than a frame may be, or no JSON'
        refuse(asker, { id, reason: 'body', message, retryable: false })
      }
    } catch (error) {
      if (!controller.signal.aborted) this.#fail(asker, id, method, error)
    } finally {
      requests.delete(id)
      if (requests.size === 0) this.#open.delete(asker)
    }
    return true
  }

  cancel(asker: Asker, id: number): void {
    const request = this.#open.get(asker)?.get(id)
    request?.controller.abort(cancelledError(this.#options.peer, request.method))
  }

  /** The connection is lost: nobody is left to answer to. */
  abandon(asker: Asker, because: string): void {
    for (const { method, controller } of this.#open.get(asker)?.values() ?? []) {
      controller.abort(orphanedError(this.#options.peer, method, because))
    }
  }

  async #run(handler: PeerHandler, body: unknown, context: Parameters<PeerHandler>[1]): Promise<unknown> {
    this.#running += 1
    try {
      return await handler(body, context)
    } finally {
      this.#running -= 1
    }
  }

  async #answer(asker: Asker, frame: ResponseFrame): Promise<boolean> {
    this.#unsent += 1
    try {
      return await asker.answer(frame)
    } finally {
      this.#unsent -= 1
    }
  }

  #fail(asker: Asker, id: number, method: string, thrown: unknown): void {
    const { peer, logger } = this.#options
    const { ours, ...failure } = describe(thrown)
    refuse(asker, { id, reason: 'failed', ...failure })
    if (!ours) logger.warn({ peer, method, error: failure.message }, 'a handler of the peer channel failed')
  }
}

type Failure = Pick<ErrorFrame, 'message' | 'retryable' | 'code'> & { readonly ours: boolean }

/** The message crosses to a node of the same cluster; the stack, and what else an error carries, stay here. Never throws. */
function describe(thrown: unknown): Failure {
  try {
    const message = clipDetail(errorText(thrown), FRAME_TEXT.detail)
    if (!HotspareError.is(thrown)) return { message, retryable: false, ours: false }
    // The mark is all that is known of it: another version, or something that only looks like one, may have other fields.
    const { code, retryable }: { readonly code?: unknown; readonly retryable?: unknown } = thrown
    return {
      message,
      retryable: retryable === true,
      code: typeof code === 'string' ? code.slice(0, FRAME_TEXT.code) : undefined,
      ours: true,
    }
  } catch {
    return { message: 'something was thrown that cannot be read', retryable: false, ours: false }
  }
}

function refuse(asker: Asker, error: Omit<ErrorFrame, 'type'>): false {
  void asker.answer({ type: 'error', ...error })
  return false
}
