import { describeFailure, failed, failureReason, type Finding, passed } from './failure.ts'
import { findMismatch, type JsonExpectation } from './http/json-expectation.ts'
import { KeptBytes } from './http/kept-bytes.ts'
import type { Pattern } from './pattern.ts'

/** What a body must hold, and how much of it is read. */
export interface BodyExpectations {
  readonly maxBodyBytes: number
  readonly expectBody: Buffer | undefined
  readonly expectBodyPattern?: Pattern | undefined
  /** Any of them wants the whole body. */
  readonly expectJson?: readonly JsonExpectation[] | undefined
}

interface BodyWatchOptions extends BodyExpectations {
  /** `200 OK`, to begin the details with. */
  readonly statusText: string
  /** What Content-Length promises; undefined where there is none. */
  readonly announcedBytes: number | undefined
}

/** Follows a body up to a limit, and says what it amounts to. Keeps bytes only where something is expected of them. */
export class BodyWatch {
  readonly #options: BodyWatchOptions
  readonly #kept: KeptBytes | undefined
  #receivedBytes = 0

  constructor(options: BodyWatchOptions) {
    this.#options = options
    const { expectBody, expectBodyPattern, expectJson, maxBodyBytes } = options
    if (expectBody ?? expectBodyPattern ?? expectJson) this.#kept = new KeptBytes(maxBodyBytes)
  }

  add(chunk: Buffer): void {
    this.#kept?.add(chunk)
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
    const { statusText } = this.#options
    const amount = this.#amount()
    return (this.#kept && this.#mismatch(this.#kept.bytes, amount)) ?? passed(`${statusText}, ${amount}`, { measures: this.#measures() })
  }

  /** The finding on a body that ended early, by `error` or because the connection was closed. */
  broken(error: unknown): Finding {
    const reason = error === undefined ? 'closed' : failureReason(error)
    if (reason === 'closed' || reason === 'reset')
      return failed(reason, `${this.#options.statusText}, but connection ${reason} after ${this.progress}`)
    return describeFailure(error)
  }

  #mismatch(kept: Buffer, amount: string): Finding | undefined {
    const { statusText, expectBody, expectBodyPattern, expectJson } = this.#options
    if (expectBody && !kept.includes(expectBody)) {
      return failed('body', `${statusText}, but the expected text is not in the body (${amount})`)
    }
    if (expectBodyPattern && expectBodyPattern.endOfMatch(kept.toString()) === undefined) {
      return failed('body', `${statusText}, but nothing in the body matches the expected pattern (${amount})`)
    }
    return expectJson && this.#jsonMismatch(kept, expectJson)
  }

  #jsonMismatch(kept: Buffer, expectJson: readonly JsonExpectation[]): Finding | undefined {
    const { statusText, maxBodyBytes } = this.#options
    if (this.full) return failed('body', `${statusText}, but the body is longer than ${maxBodyBytes} bytes: too long to be read as JSON`)
    let document: unknown
    try {
      document = JSON.parse(kept.toString())
    } catch {
      // Not the parser's own words: they quote the body.
      return failed('body', `${statusText}, but the body is not JSON (${this.#receivedBytes} bytes)`)
    }
    const mismatch = findMismatch(document, expectJson)
    return mismatch && failed(mismatch.reason, `${statusText}, but ${mismatch.text}`)
  }

  #measures(): Readonly<Record<string, number>> {
    return { 'body-bytes': Math.min(this.#receivedBytes, this.#options.maxBodyBytes) }
  }

  #amount(): string {
    const { announcedBytes, maxBodyBytes } = this.#options
    if (!this.full) return `${this.#receivedBytes} bytes`
    const total = announcedBytes === undefined ? '' : ` of ${announcedBytes}`
    return `read the first ${maxBodyBytes}${total} bytes and left the rest`
  }
}
