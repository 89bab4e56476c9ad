import { HotspareError } from '@hotspare/core'
import { busyError, lostError, refusedError } from './errors.ts'
import type { ErrorFrame, ResponseFrame } from './frame.ts'

interface Call {
  readonly method: string
  readonly resolve: (body: unknown) => void
  readonly reject: (error: HotspareError) => void
}

/** Our requests on one connection that wait for their answers. */
export class PendingCalls {
  readonly #peer: string
  readonly #calls = new Map<number, Call>()
  #lastId = 0

  constructor(peer: string) {
    this.#peer = peer
  }

  get size(): number {
    return this.#calls.size
  }

  /** The id that the next call gets. */
  get nextId(): number {
    return this.#lastId + 1
  }

  add(call: Call): void {
    this.#lastId += 1
    this.#calls.set(this.#lastId, call)
  }

  /** Gives up waiting. @returns whether it was still awaited */
  forget(id: number): boolean {
    return this.#calls.delete(id)
  }

  /** @returns `late` when nobody waits any more, `never-asked` when nobody ever did */
  settle(frame: ResponseFrame | ErrorFrame): 'settled' | 'late' | 'never-asked' {
    const call = this.#calls.get(frame.id)
    if (!call) return frame.id <= this.#lastId ? 'late' : 'never-asked'
    this.#calls.delete(frame.id)
    if (frame.type === 'response') call.resolve(frame.body)
    else call.reject(this.#errorOf(call.method, frame))
    return 'settled'
  }

  /** The connection has ended. */
  lose(because: string): void {
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const call of calls) call.reject(lostError(this.#peer, call.method, because))
  }

  #errorOf(method: string, { reason, message, retryable, code }: ErrorFrame): HotspareError {
    // Its code says it better than ours; anything that is not of that form is a peer's mistake and left out.
    const cause = code !== undefined && isCode(code) ? new HotspareError({ code, message, retryable }) : undefined
    return reason === 'busy' ? busyError(this.#peer, message) : refusedError(this.#peer, method, message, { retryable, cause })
  }
}

function isCode(text: string): text is `HOTSPARE_${string}` {
  return /^HOTSPARE_[A-Z0-9_]+$/.test(text)
}
