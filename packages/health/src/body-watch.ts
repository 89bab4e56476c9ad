import { describeFailure, failed, failureReason, type Finding, passed } from './failure.ts'

interface BodyWatchOptions {
  /** `200 OK`, to begin the details with. */
  readonly statusText: string
  /** What Content-Length promises; undefined where there is none. */
  readonly announcedBytes: number | undefined
  readonly maxBodyBytes: number
  readonly expectBody: Buffer | undefined
}

/** Follows a body up to a limit, and says what it amounts to. Keeps bytes only where a text is expected in them. */
export class BodyWatch {
  readonly #options: BodyWatchOptions
  readonly #kept: Buffer[] = []
  #receivedBytes = 0

  constructor(options: BodyWatchOptions) {
    this.#options = options
  }

  add(chunk: Buffer): void {
    const room = this.#options.maxBodyBytes - this.#receivedBytes
    if (this.#options.expectBody && room > 0) this.#kept.push(chunk.subarray(0, room))
    this.#receivedBytes += chunk.length
  }

  /** Whether the limit is reached and there is more: time to stop reading. */
  get full(): boolean {
    const { announcedBytes = 0, maxBodyBytes } = this.#options
    return this.#receivedBytes > maxBodyBytes || (this.#receivedBytes === maxBodyBytes && announcedBytes > maxBodyBytes)
  }

  /** `5 of 100 bytes`, or `5 bytes` where nobody said how many there will be. */
  get progress(): string {
    const { announcedBytes } = this.#options
    return announcedBytes === undefined ? `${this.#receivedBytes} bytes` : `${this.#receivedBytes} of ${announcedBytes} bytes`
  }

  /** The finding on a body that is complete, or as long as we care to read. */
  judge(): Finding {
    const { expectBody, statusText } = this.#options
    const amount = this.#amount()
    if (expectBody && !Buffer.concat(this.#kept).includes(expectBody)) {
      return failed('body', `${statusText}, but the expected text is not in the body (${amount})`)
    }
    return passed(`${statusText}, ${amount}`)
  }

  /** The finding on a body that ended early, by `error` or because the connection was closed. */
  broken(error: unknown): Finding {
    const reason = error === undefined ? 'closed' : failureReason(error)
    if (reason === 'closed' || reason === 'reset')
      return failed(reason, `${this.#options.statusText}, but connection ${reason} after ${this.progress}`)
    return describeFailure(error)
  }

  #amount(): string {
    const { announcedBytes, maxBodyBytes } = this.#options
    if (!this.full) return `${this.#receivedBytes} bytes`
    const total = announcedBytes === undefined ? '' : ` of ${announcedBytes}`
    return `read the first ${maxBodyBytes}${total} bytes and left the rest`
  }
}
