/** The first packet of a server: its greeting, or why there is none. */
export type MysqlGreeting =
  | { readonly type: 'greeting'; readonly version: string; readonly authPlugin: string }
  | MysqlError
  /** A protocol other than 10, which every server since MySQL 3.21 speaks. */
  | { readonly type: 'old'; readonly protocol: number }

export interface MysqlError {
  readonly type: 'error'
  readonly code: number
  readonly message: string
}

/** What a server answers to a login, as far as a probe goes along. */
export type MysqlLoginAnswer =
  | { readonly type: 'ok' }
  | { readonly type: 'asks'; readonly authPlugin: string }
  | { readonly type: 'continues' }
  | MysqlError

const ERROR = 0xff
const ANOTHER_PLUGIN = 0xfe
const MORE_DATA = 0x01
const NOTHING = -1

/** From the end of the version: its NUL, thread, 8 bytes of salt, a filler, flags, character set, status, flags. */
const SALT_LENGTH_AT = 1 + 4 + 8 + 1 + 2 + 1 + 2 + 2

/** The length in the three bytes at the head of a packet; the fourth is its number in the exchange. */
export function mysqlPayloadLength(header: Uint8Array): number {
  return (header[0] ?? 0) | ((header[1] ?? 0) << 8) | ((header[2] ?? 0) << 16)
}

/** @returns undefined for what is no first packet of MySQL */
export function parseMysqlGreeting(payload: Buffer): MysqlGreeting | undefined {
  const protocol = payload[0]
  if (protocol === ERROR) return parseError(payload)
  if (protocol === undefined || protocol < 9 || protocol > 20) return undefined
  const nul = payload.indexOf(0, 1)
  if (nul <= 1) return undefined
  if (protocol !== 10) return { type: 'old', protocol }
  // MariaDB puts 5.5.5- ahead of its version, for replicas that would not believe a 10.
  const version = payload.toString('latin1', 1, nul).replace(/^5\.5\.5-(?=\d+\.\d+\.\d+-MariaDB)/i, '')
  const saltLength = payload[nul + SALT_LENGTH_AT] ?? 0
  // The length, 10 reserved bytes, and the rest of the salt, which takes 13 bytes at least.
  const nameAt = nul + SALT_LENGTH_AT + 1 + 10 + Math.max(13, saltLength - 8)
  return { type: 'greeting', version, authPlugin: untilNul(payload.subarray(nameAt)) }
}

/** @returns undefined for what is no answer to a login */
export function parseMysqlLoginAnswer(payload: Buffer): MysqlLoginAnswer | undefined {
  switch (payload[0] ?? NOTHING) {
    case 0:
      return { type: 'ok' }
    case ERROR:
      return parseError(payload)
    case ANOTHER_PLUGIN:
      return { type: 'asks', authPlugin: untilNul(payload.subarray(1)) }
    case MORE_DATA:
      return { type: 'continues' }
    default:
      return undefined
  }
}

function parseError(payload: Buffer): MysqlError | undefined {
  if (payload.length < 3) return undefined
  // `#08004` is the SQL state; before the greeting there may be none.
  const message = payload.toString('utf8', 3).replace(/^#[0-9A-Z]{5}/, '')
  return { type: 'error', code: payload.readUInt16LE(1), message }
}

function untilNul(bytes: Buffer): string {
  const nul = bytes.indexOf(0)
  return bytes.toString('latin1', 0, nul === -1 ? bytes.length : nul)
}

// CLIENT_LONG_PASSWORD, CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH
const CAPABILITIES = 0x1 | 0x200 | 0x8000 | 0x80000
const UTF8 = 33

/** A login without a password (HandshakeResponse41). */
export function mysqlLogin(user: string, authPlugin: string): Buffer {
  const head = Buffer.alloc(32)
  head.writeUInt32LE(CAPABILITIES, 0)
  head.writeUInt32LE(16_777_216, 4)
  head[8] = UTF8
  return mysqlPacket(1, Buffer.concat([head, Buffer.from(`${user}\0\0${authPlugin}\0`)]))
}

/** What no password looks like to a plugin: nothing to the old one, an empty text to those that came later. */
export function mysqlEmptyPassword(authPlugin: string): Buffer {
  return mysqlPacket(3, authPlugin === 'mysql_native_password' ? Buffer.alloc(0) : Buffer.from([0]))
}

/** COM_QUIT. */
export function mysqlQuit(): Buffer {
  return mysqlPacket(0, Buffer.from([1]))
}

function mysqlPacket(sequence: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUIntLE(payload.length, 0, 3)
  header[3] = sequence
  return Buffer.concat([header, payload])
}
