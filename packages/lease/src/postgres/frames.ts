/** What a server may send at once: a record has half a kilobyte, and an error message with all its parts a few. */
const LONGEST_MESSAGE = 65_536

/** What it may send for one question. */
const LONGEST_ANSWER = 4 * LONGEST_MESSAGE

/** A byte that names the message and four that hold its length, which counts itself. */
const HEADER = 5
const SHORTEST_LENGTH = 4

const ERROR = 'E'.charCodeAt(0)
const NOTICE = 'N'.charCodeAt(0)
const READY = 'Z'.charCodeAt(0)

/**
 * Lets through whole, bounded messages of PostgreSQL's protocol (version 3, "Message Formats") only. `pg` trusts its
 * server: an error message without its end spins it for ever, and a length without an end fills the memory. What comes
 * through here can make it throw at worst.
 */
export class PostgresFrames {
  #rest: Buffer = Buffer.alloc(0)
  #answered = 0

  /**
   * @returns the whole messages that have arrived by now, maybe none
   * @throws Error when this cannot be a PostgreSQL server
   */
  push(chunk: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let end = 0
    while (end + HEADER <= bytes.length) {
      const code = bytes[end]
      const length = bytes.readUInt32BE(end + 1)
      if (length < SHORTEST_LENGTH || length > LONGEST_MESSAGE)
        throw new Error(`a message of ${length} bytes: this is no PostgreSQL server`)
      const next = end + 1 + length
      if (next > bytes.length) break
      if ((code === ERROR || code === NOTICE) && !hasEnd(bytes.subarray(end + HEADER, next))) {
        throw new Error('an error message without an end: this is no PostgreSQL server')
      }
      this.#answered = code === READY ? 0 : this.#answered + length
      if (this.#answered > LONGEST_ANSWER) throw new Error(`an answer of more than ${LONGEST_ANSWER} bytes`)
      end = next
    }
    this.#rest = bytes.subarray(end)
    return bytes.subarray(0, end)
  }
}

/** Whether the fields of an error, each a byte and a text that ends with NUL, end with a NUL of their own. */
function hasEnd(fields: Buffer): boolean {
  let at = 0
  while (at < fields.length) {
    if (fields[at] === 0) return true
    const textEnd = fields.indexOf(0, at + 1)
    if (textEnd === -1) return false
    at = textEnd + 1
  }
  return false
}
