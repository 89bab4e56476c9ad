import type { AnswerKeeper } from '../types.ts'
import { BodyCopy } from './body-copy.ts'
import type { ClientSocket } from './client-socket.ts'
import type { Framing } from './framing.ts'
import { hasRoom } from './has-room.ts'
import { writeResponseHead } from './head-writer.ts'
import type { ResponseHead } from './response-head.ts'

/** What decides how an answer goes to its client. */
export interface AnswerOptions {
  readonly minorVersion: 0 | 1
  /** Whether the client may ask again on its connection. */
  readonly keepAlive: boolean
  /** Answers of known length up to this size go when they are whole; -1 holds nothing back. */
  readonly holdBackBytes: number
  readonly setCookie: string | undefined
  /** Now, as `Date` has it. */
  readonly date: string
  /** Who keeps the body, too. */
  readonly keeper?: AnswerKeeper | undefined
}

/** Text up to this size takes one copy and no allocation on its way to the kernel. */
const ONE_TEXT_BYTES = 8_192
const CHUNK_END = '\r\n'
const LAST_CHUNK = '0\r\n\r\n'

/**
 * One answer on its way to the client: a small one in one piece when it is whole, anything else as it comes. Its body
 * goes as the target has framed it, so far as the client can read that; what ends with the target's connection
 * gets chunks, so that its end is told from a break.
 */
export class Answer {
  /** Whether the client has been given a byte of it. */
  started = false
  /** Of the body, as it goes to the client, chunks and all. */
  bodyBytes = 0
  readonly status: number
  /** The client's connection ends with it. */
  readonly last: boolean
  /** Chunks have to be taken off. */
  readonly decode: boolean
  readonly #client: ClientSocket
  readonly #encode: boolean
  readonly #copy: BodyCopy | undefined
  #head: string
  #held: Buffer[] | undefined
  #heldBytes = 0
  #corked = false

  constructor(
    client: ClientSocket,
    head: ResponseHead,
    { minorVersion, keepAlive, holdBackBytes, setCookie, date, keeper }: AnswerOptions,
  ) {
    const framing = framingFor(head.framing, minorVersion)
    this.#client = client
    this.status = head.status
    this.last = !keepAlive || framing.kind === 'until-close'
    this.#copy = keeper && new BodyCopy(keeper)
    // What is kept is the body itself.
    this.decode = head.framing.kind === 'chunked' && (minorVersion === 0 || keeper !== undefined)
    this.#encode = minorVersion === 1 && (head.framing.kind === 'until-close' || this.decode)
    const connection = this.last ? 'close' : minorVersion === 0 ? 'keep-alive' : undefined
    this.#head = withCookie(writeResponseHead(head, { framing, connection, date }), setCookie)
    const bytes = framing.kind === 'length' ? framing.bytes : framing.kind === 'none' ? 0 : Number.POSITIVE_INFINITY
    if (bytes <= holdBackBytes) this.#held = []
    else this.#start()
  }

  /** @returns false where the client has enough, until its socket drains */
  data(piece: Buffer): boolean {
    this.#copy?.add(piece)
    if (this.#held) {
      this.#held.push(piece)
      this.#heldBytes += piece.length
      return true
    }
    this.bodyBytes += piece.length
    if (!this.#encode) return hasRoom(this.#client, this.#client.write(piece))
    const size = `${piece.length.toString(16)}\r\n`
    this.bodyBytes += size.length + CHUNK_END.length
    this.#client.write(size, 'latin1')
    this.#client.write(piece)
    return hasRoom(this.#client, this.#client.write(CHUNK_END, 'latin1'))
  }

  end(): void {
    this.#copy?.end()
    if (this.#held) this.#writeWhole(this.#held)
    else if (this.#encode) {
      this.bodyBytes += LAST_CHUNK.length
      this.#client.write(LAST_CHUNK, 'latin1')
    }
    if (this.#corked) this.#uncork()
  }

  #writeWhole(held: readonly Buffer[]): void {
    this.started = true
    this.bodyBytes = this.#heldBytes
    const client = this.#client
    const [only] = held
    if (only === undefined) return void client.write(this.#head, 'latin1')
    if (held.length === 1 && this.#heldBytes <= ONE_TEXT_BYTES) return void client.write(this.#head + only.toString('latin1'), 'latin1')
    client.cork()
    client.write(this.#head, 'latin1')
    for (const piece of held) client.write(piece)
    client.uncork()
  }

  /** The head goes with what there is of the body by then, but does not wait for more. */
  #start(): void {
    this.started = true
    this.#corked = true
    this.#client.cork()
    this.#client.write(this.#head, 'latin1')
    this.#head = ''
    process.nextTick(() => this.#uncork())
  }

  #uncork(): void {
    if (!this.#corked) return
    this.#corked = false
    this.#client.uncork()
  }
}

/** HTTP/1.0 knows no chunks. */
function framingFor(framing: Framing, minorVersion: 0 | 1): Framing {
  if (framing.kind !== 'chunked' && framing.kind !== 'until-close') return framing
  return { kind: minorVersion === 1 ? 'chunked' : 'until-close' }
}

/** Of the empty line. */
const EMPTY_LINE = 2

export function withCookie(head: string, cookie: string | undefined): string {
  return cookie === undefined ? head : `${head.slice(0, -EMPTY_LINE)}set-cookie: ${cookie}\r\n\r\n`
}
