import { until } from '../origins.fixture.ts'
import { type TlsClient, tlsClient } from '../tls.fixture.ts'

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4 } as const

export interface Frame {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

/** A client that sends the frames that it is told to, sound or not. */
export interface RawHttp2Client extends TlsClient {
  readonly frames: () => readonly Frame[]
  /** Of one kind, that have come; of one stream, if one is named. */
  readonly of: (type: number, stream?: number) => readonly Frame[]
  readonly send: (...frames: readonly Buffer[]) => boolean
  readonly hears: (type: number, stream?: number) => Promise<Frame>
}

export async function rawHttp2Client(port: number): Promise<RawHttp2Client> {
  const client = await tlsClient(port, { ALPNProtocols: ['h2'] })
  const frames = () => readFrames(Buffer.from(client.received(), 'latin1'))
  const of = (type: number, stream?: number) =>
    frames().filter((each) => each.type === type && (stream === undefined || each.stream === stream))
  const send = (...sent: readonly Buffer[]) => client.socket.write(Buffer.concat(sent))
  client.socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'), frame(FRAME.settings, 0, 0)]))
  return {
    ...client,
    frames,
    of,
    send,
    async hears(type, stream) {
      await until(() => of(type, stream).length > 0 || client.socket.destroyed, `frame ${type} on stream ${stream}`)
      const found = of(type, stream)[0]
      if (!found) throw new Error('the connection ended first')
      return found
    },
  }
}

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** A header block of literals that nobody has to remember (RFC 7541, 6.2.2), byte for byte as given. */
export function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]))
}

export const GET = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'shop.example'],
  [':path', '/'],
] as const

export function get(stream: number, fields: readonly (readonly [string, string])[] = []): Buffer {
  return frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, stream, block([...GET, ...fields]))
}

export function reset(stream: number, code = 8): Buffer {
  return frame(FRAME.reset, 0, stream, number(code))
}

/** What a RST_STREAM or a GOAWAY says. */
export function codeOf({ type, payload }: Frame): number {
  return payload.readUInt32BE(type === FRAME.goaway ? 4 : 0)
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(value: string): Buffer {
  return Buffer.concat([length(value.length), Buffer.from(value, 'latin1')])
}

/** RFC 7541, 5.1, with a prefix of seven bits and no Huffman code. */
function length(value: number): Buffer {
  if (value < 127) return Buffer.of(value)
  const bytes = [127]
  for (let rest = value - 127; ; rest >>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}

function readFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at + 9 <= bytes.length;) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push({ type: bytes[at + 3]!, flags: bytes[at + 4]!, stream: bytes.readUInt32BE(at + 5), payload: bytes.subarray(at + 9, end) })
    at = end
  }
  return frames
}
