/** Flag and length before each message. */
const PREFIX_BYTES = 5

/** A varint has ten bytes at most. */
const MAX_VARINT_BYTES = 10

/** @returns a HealthCheckRequest for the service, as one message on the stream; an empty service is the server as a whole */
export function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service)
  // Field 1, length-delimited; an empty string is left out, as protobuf does.
  const body = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a]), varint(name.length), name])
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.writeUInt32BE(body.length, 1)
  return Buffer.concat([prefix, body])
}

/** Collects the one message of an answer. Keeps `maxBytes` and the prefix at most. */
export class GrpcMessageReader {
  readonly #maxBytes: number
  #bytes: Buffer = Buffer.alloc(0)

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @returns what is wrong with what came so far, or undefined */
  add(chunk: Buffer): string | undefined {
    const room = PREFIX_BYTES + this.#maxBytes + 1 - this.#bytes.length
    this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, room)])
    if (this.#bytes.length > 0 && this.#bytes.readUInt8(0) !== 0) {
      return this.#bytes.readUInt8(0) === 1 ? 'a compressed message, which was not asked for' : 'a message without a valid prefix'
    }
    if (this.#bytes.length < PREFIX_BYTES) return undefined
    const length = this.#bytes.readUInt32BE(1)
    if (length > this.#maxBytes) return `a message of ${length} bytes`
    return this.#bytes.length > PREFIX_BYTES + length ? 'more than one message' : undefined
  }

  /** The message without its prefix; undefined while it is not whole. */
  get message(): Buffer | undefined {
    if (this.#bytes.length < PREFIX_BYTES) return undefined
    const end = PREFIX_BYTES + this.#bytes.readUInt32BE(1)
    return this.#bytes.length === end ? this.#bytes.subarray(PREFIX_BYTES) : undefined
  }
}

/**
 * Reads the status out of a HealthCheckResponse: field 1, the last one counts; other fields are passed over.
 *
 * @returns undefined where the bytes are no protobuf message
 */
export function parseStatus(message: Buffer): number | undefined {
  let status = 0
  let offset = 0
  const next = (): number | undefined => {
    const read = readVarint(message, offset)
    if (read) offset = read.end
    return read?.value
  }
  while (offset < message.length) {
    const key = next()
    // Field 0 does not exist; numbers end at 2^29.
    if (key === undefined || key < 8 || key >= 2 ** 32) return undefined
    switch (key % 8) {
      case 0: {
        const value = next()
        if (value === undefined) return undefined
        if (key === 8) status = value
        break
      }
      case 1:
        offset += 8
        break
      case 2: {
        const length = next()
        if (length === undefined) return undefined
        offset += length
        break
      }
      case 5:
        offset += 4
        break
      default:
        // Groups are gone since proto3.
        return undefined
    }
    if (offset > message.length) return undefined
  }
  return status
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}

/** Exact below 2^53; a larger one is no length and no status that matters. */
function readVarint(message: Buffer, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = message[from + index]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return { value, end: from + index + 1 }
  }
  return undefined
}
