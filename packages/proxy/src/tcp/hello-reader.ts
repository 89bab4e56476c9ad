import { type ClientHello, type NotHello, readHelloBody } from './hello-body.ts'

export type HelloReading =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  /** The bytes are no ClientHello, and no more of them would make one. */
  | { readonly kind: 'refused'; readonly because: string }

const INCOMPLETE: HelloReading = { kind: 'incomplete' }

const RECORD_HEADER = 5
const HANDSHAKE_HEADER = 4
const HANDSHAKE_RECORD = 22
const CLIENT_HELLO = 1
/** RFC 8446, 5.1. */
const LARGEST_RECORD = 16_384
/** As HAProxy's buffer. Those of browsers have some 2 KB, with keys against quantum computers in them. */
const LARGEST_HELLO = 16_384

/**
 * Finds the ClientHello at the beginning of a TLS connection, however it is cut into records and packets. What it is given
 * it keeps at most once, and no more of it than `LARGEST_HELLO` bytes.
 */
export class HelloReader {
  readonly #header = Buffer.alloc(RECORD_HEADER)
  #headerBytes = 0
  /** What is left of the record that is being read. */
  #recordBytes = 0
  /** The handshake message with its header; grows once its length is known. */
  #message = Buffer.alloc(HANDSHAKE_HEADER)
  #messageBytes = 0

  /** Takes the next bytes of the client. Once it has given anything else than `incomplete`, it is done. */
  read(piece: Buffer): HelloReading {
    let at = 0
    while (at < piece.length) {
      if (this.#recordBytes === 0) {
        at += this.#readHeader(piece, at)
        const wrong = this.#wrongHeader()
        if (wrong !== undefined) return refused(wrong)
        if (this.#headerBytes < RECORD_HEADER) return INCOMPLETE
        this.#recordBytes = this.#header.readUInt16BE(3)
        this.#headerBytes = 0
        continue
      }
      const taken = piece.copy(this.#message, this.#messageBytes, at, Math.min(piece.length, at + this.#recordBytes))
      at += taken
      this.#recordBytes -= taken
      this.#messageBytes += taken
      if (this.#messageBytes < this.#message.length) continue
      if (this.#messageBytes === HANDSHAKE_HEADER) {
        const wrong = this.#growMessage()
        if (wrong !== undefined) return refused(wrong)
      } else return helloOf(readHelloBody(this.#message.subarray(HANDSHAKE_HEADER)))
    }
    return INCOMPLETE
  }

  #readHeader(piece: Buffer, at: number): number {
    const taken = piece.copy(this.#header, this.#headerBytes, at, at + RECORD_HEADER - this.#headerBytes)
    this.#headerBytes += taken
    return taken
  }

  /** Looks at as much of a record's header as there is, so that what is no TLS at all is not waited for. */
  #wrongHeader(): string | undefined {
    const [type, major] = this.#header
    if (type !== HANDSHAKE_RECORD)
      return this.#messageBytes === 0 ? 'it does not begin with TLS' : 'another record comes in the middle of it'
    if (this.#headerBytes > 1 && major !== 3) return 'its version is none of TLS'
    if (this.#headerBytes < RECORD_HEADER) return undefined
    const length = this.#header.readUInt16BE(3)
    return length === 0 || length > LARGEST_RECORD ? `a record of ${length} bytes` : undefined
  }

  #growMessage(): string | undefined {
    if (this.#message[0] !== CLIENT_HELLO) return 'its first message is no ClientHello'
    const length = this.#message.readUIntBE(1, 3)
    if (length === 0) return 'it is empty'
    if (length > LARGEST_HELLO) return `it has ${length} bytes, and at most ${LARGEST_HELLO} are taken`
    this.#message = Buffer.concat([this.#message, Buffer.alloc(length)])
    return undefined
  }
}

function helloOf(read: ClientHello | NotHello): HelloReading {
  return 'because' in read ? refused(read.because) : { kind: 'hello', hello: read }
}

function refused(because: string): HelloReading {
  return { kind: 'refused', because: `no ClientHello: ${because}` }
}
