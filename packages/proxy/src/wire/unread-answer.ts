import type { Deadlines } from '../deadlines.ts'
import type { ProxySettings } from '../options.ts'
import type { ClientSocket } from './client-socket.ts'
import { Patience } from './patience.ts'

export interface UnreadAnswerOptions {
  readonly deadlines: Deadlines
  readonly settings: ProxySettings
  /** The client has had its time. */
  readonly ranOut: (because: string) => void
}

/** An answer that its client does not take: how long that may go on. */
export class UnreadAnswer {
  readonly #socket: ClientSocket
  readonly #options: UnreadAnswerOptions
  #patience: Patience | undefined

  constructor(socket: ClientSocket, options: UnreadAnswerOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** Something lies there; a second call changes nothing. */
  begin(): void {
    if (this.#socket.timeout) return
    const { deadlines, settings, ranOut } = this.#options
    const { idleTimeoutMs, minimumBytesPerSecond } = settings
    this.#socket.setTimeout(idleTimeoutMs, this.#silent)
    // What it sends counts as a sign of life to that timer, which knows no sides; to this one nothing but an empty buffer does.
    if (minimumBytesPerSecond === 0) return
    const longestMs = idleTimeoutMs + (this.#socket.writableLength * 1_000) / minimumBytesPerSecond
    this.#patience = new Patience(deadlines, longestMs, () => {
      ranOut(`the client took less than ${minimumBytesPerSecond} bytes a second of its answer`)
    })
  }

  /** The client has taken it, or is gone. */
  end(): void {
    if (this.#socket.timeout) this.#socket.setTimeout(0, this.#silent)
    this.#patience?.end()
    this.#patience = undefined
  }

  readonly #silent = (): void => {
    const { settings, ranOut } = this.#options
    ranOut(`the client took nothing of its answer for ${settings.idleTimeoutMs} ms`)
  }
}
