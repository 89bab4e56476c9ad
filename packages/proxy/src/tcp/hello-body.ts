/** What a client's TLS asks for before anything is agreed on. */
export interface ClientHello {
  /** In lower case; undefined where the client names no host. */
  readonly serverName: string | undefined
  /** ALPN, the preferred one first; empty where the client offers none. */
  readonly protocols: readonly string[]
}

export interface NotHello {
  /** What of the bytes is no ClientHello, in words. */
  readonly because: string
}

const SERVER_NAME = 0
const PROTOCOLS = 16
const HOST_NAME_TYPE = 0
const RANDOM_BYTES = 32
const LONGEST_SESSION_ID = 32
/** Letters, digits, hyphens and underscores in labels of up to 63, without a dot at the end (RFC 6066, 3; RFC 1035, 2.3.4). */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/
const ADDRESS = /^[\d.]+$/

/** Walks over the bytes; whoever asks for more than there is has met the end too early. */
class Cursor {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  get atEnd(): boolean {
    return this.#at === this.#end
  }

  number(bytes: 1 | 2): number {
    this.#need(bytes)
    const value = bytes === 1 ? this.#bytes.readUInt8(this.#at) : this.#bytes.readUInt16BE(this.#at)
    this.#at += bytes
    return value
  }

  skip(bytes: number): void {
    this.#need(bytes)
    this.#at += bytes
  }

  /** A vector: its length, and then as many bytes. */
  vector(lengthBytes: 1 | 2): Cursor {
    const length = this.number(lengthBytes)
    this.#need(length)
    const inner = new Cursor(this.#bytes, this.#at, this.#at + length)
    this.#at += length
    return inner
  }

  get length(): number {
    return this.#end - this.#at
  }

  text(): string {
    return this.#bytes.toString('latin1', this.#at, this.#end)
  }

  #need(bytes: number): void {
    if (this.#end - this.#at < bytes) throw new Malformed('it ends too early')
  }
}

/** Never leaves this file. */
class Malformed extends Error {}

/**
 * Reads the body of a ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2). Strict: a length that does not fit, an extension
 * that comes twice, or a name that can be none is an error; what is inside of other extensions is not looked at.
 *
 * @param bytes behind the four bytes of the handshake header, whole
 */
export function readHelloBody(bytes: Buffer): ClientHello | NotHello {
  try {
    return readBody(new Cursor(bytes, 0, bytes.length))
  } catch (error) {
    if (error instanceof Malformed) return { because: error.message }
    throw error
  }
}

function readBody(body: Cursor): ClientHello {
  if (body.number(2) >> 8 !== 3) throw new Malformed('its version is none of TLS')
  body.skip(RANDOM_BYTES)
  if (body.vector(1).length > LONGEST_SESSION_ID) throw new Malformed('its session id is too long')
  const ciphers = body.vector(2).length
  if (ciphers < 2 || ciphers % 2 !== 0) throw new Malformed('its list of ciphers is none')
  if (body.vector(1).length === 0) throw new Malformed('its list of compressions is empty')
  // Before TLS 1.3 there need not be any.
  if (body.atEnd) return { serverName: undefined, protocols: [] }
  const extensions = body.vector(2)
  if (!body.atEnd) throw new Malformed('something follows its extensions')
  return readExtensions(extensions)
}

function readExtensions(extensions: Cursor): ClientHello {
  const seen = new Set<number>()
  let serverName: string | undefined
  let protocols: readonly string[] = []
  while (!extensions.atEnd) {
    const type = extensions.number(2)
    const content = extensions.vector(2)
    if (seen.has(type)) throw new Malformed('an extension comes twice')
    seen.add(type)
    if (type === SERVER_NAME) serverName = readServerName(content)
    else if (type === PROTOCOLS) protocols = readProtocols(content)
  }
  return { serverName, protocols }
}

/** RFC 6066, 3: a list in which no type may come twice, and there is one type. */
function readServerName(content: Cursor): string {
  const list = content.vector(2)
  const type = list.number(1)
  const name = list.vector(2)
  if (type !== HOST_NAME_TYPE || !list.atEnd || !content.atEnd) throw new Malformed('its server name is no list of one host name')
  const text = name.text().toLowerCase()
  if (!HOST_NAME.test(text) || ADDRESS.test(text)) throw new Malformed('its server name is no host name')
  return text
}

/** RFC 7301, 3.1. */
function readProtocols(content: Cursor): readonly string[] {
  const list = content.vector(2)
  const protocols: string[] = []
  while (!list.atEnd) {
    const name = list.vector(1)
    if (name.length === 0) throw new Malformed('it offers a protocol without a name')
    protocols.push(name.text())
  }
  if (protocols.length === 0 || !content.atEnd) throw new Malformed('its list of protocols is none')
  return protocols
}
