import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { headerValue } from './headers.ts'

/**
 * The body of a request, seen from its retries. A small one is read whole before the first attempt and can be sent
 * as often as wanted; a large one flows through, and can be sent only as long as nobody has begun to read it.
 */
export class RequestBody {
  readonly #request: IncomingMessage
  readonly #kind: 'none' | 'kept' | 'streamed'
  #kept: Buffer = Buffer.alloc(0)
  #started = false
  #clientFailed = false
  #unwanted = false

  constructor(request: IncomingMessage, replayBytes: number) {
    this.#request = request
    const length = headerValue(request.rawHeaders, 'content-length')
    if (headerValue(request.rawHeaders, 'transfer-encoding') !== undefined) this.#kind = 'streamed'
    else if (length === undefined || Number(length) === 0) this.#kind = 'none'
    else this.#kind = Number(length) <= replayBytes ? 'kept' : 'streamed'
  }

  /** Whether it can be handed to one more target. */
  get replayable(): boolean {
    return this.#kind !== 'streamed' || !this.#started
  }

  /** Whether the client broke off while it was sending. */
  get clientFailed(): boolean {
    return this.#clientFailed
  }

  /** Calls back once the body may be sent: at once, or when a small one is complete. Never, if the client leaves first. */
  whenReady(callback: () => void): void {
    if (this.#kind !== 'kept') return callback()
    const chunks: Buffer[] = []
    this.#request.on('data', (chunk: Buffer) => chunks.push(chunk))
    this.#request.once('end', () => {
      this.#kept = Buffer.concat(chunks)
      callback()
    })
  }

  /** Nobody wants the rest of it any more. */
  discard(): void {
    this.#unwanted = true
    this.#request.resume()
  }

  /** The body in a form that undici takes, for one attempt. */
  send(): Buffer | Readable | null {
    if (this.#kind === 'none') return null
    return this.#kind === 'kept' ? this.#kept : Readable.from(this.#flow(), { objectMode: false })
  }

  /** Between the client and undici, which destroys a stream that it was given even when it never read from it. */
  async *#flow(): AsyncGenerator {
    this.#started = true
    try {
      yield* this.#request.iterator({ destroyOnReturn: false })
    } catch (error) {
      this.#clientFailed = true
      throw error
    } finally {
      // While it is iterated, a stream cannot be made to flow.
      if (this.#unwanted) this.#request.resume()
    }
  }
}
