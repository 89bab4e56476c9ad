import { KeptBytes } from './kept-bytes.ts'
import { parseResponseHead, type ResponseHead } from './response-head.ts'

/** What came of the bytes so far. */
export type HeadEnd =
  /** `rest` is what follows the head. */
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly rest: Buffer }
  | { readonly kind: 'problem'; readonly reason: 'protocol' | 'header-overflow'; readonly text: string }

const HEAD_END = Buffer.from('\r\n\r\n')
const BEGINNING = 'HTTP/1.'

/** Reads the heads of HTTP/1.x answers, one after the other, from their bytes, however they are cut. Keeps one that is not whole yet. */
export class HeadReader {
  readonly #maxBytes: number
  readonly #pending: KeptBytes

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#pending = new KeptBytes(maxBytes + HEAD_END.length)
  }

  /** @returns undefined while the head is not whole */
  add(bytes: Buffer): HeadEnd | undefined {
    const before = this.#pending.length
    // The usual case: the whole head comes at once, and is not copied.
    if (before > 0) this.#pending.add(bytes)
    const all = before === 0 ? bytes : this.#pending.bytes
    const end = all.indexOf(HEAD_END, Math.max(0, before - HEAD_END.length + 1))
    if (end > this.#maxBytes || (end === -1 && all.length >= this.#maxBytes + HEAD_END.length)) {
      return { kind: 'problem', reason: 'header-overflow', text: `the header is longer than ${this.#maxBytes} bytes` }
    }
    if (end === -1) {
      if (before === 0) this.#pending.add(bytes)
      // What speaks another protocol would otherwise be waited for until the deadline.
      return BEGINNING.startsWith(all.toString('latin1', 0, BEGINNING.length))
        ? undefined
        : notHttp('the status line is not that of HTTP/1.x')
    }
    const head = parseResponseHead(all.toString('latin1', 0, end))
    this.#pending.clear()
    return 'problem' in head ? notHttp(head.problem) : { kind: 'head', head, rest: bytes.subarray(end + HEAD_END.length - before) }
  }
}

/** @param problem in words that quote nothing of what came */
export function notHttp(problem: string): Extract<HeadEnd, { kind: 'problem' }> {
  return { kind: 'problem', reason: 'protocol', text: `not HTTP: ${problem}` }
}
