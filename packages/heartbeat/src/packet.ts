import { Buffer } from 'node:buffer'

/*
 * A beat on the wire: 104 bytes, always; numbers are unsigned and big-endian.
 *
 *  offset  bytes
 *       0      2  0x4853, "HS"
 *       2      1  version, 1
 *       3      1  key id, 1-255
 *       4      1  flags: 1 = goodbye; the others are 0 when sent and ignored when received
 *       5      3  reserved: 0 when sent, ignored when received
 *       8      8  from: the first 8 bytes of SHA-256 of the sender's name
 *      16      8  to: the same of the receiver's name
 *      24      8  path: the same of the path's name
 *      32      8  session: random for each start of the sender, never 0
 *      40      8  counter: grows with every beat of the sender, over restarts too; 1 to 2^53 - 1
 *      48      8  echo: the receiver's session as the sender knows it; 0 = none yet
 *      56      8  heard counter: the receiver's highest counter that the sender has heard on any path; 0 = none
 *      64      8  heard age: microseconds since that came in
 *      72      8  path heard counter: the same on this path; 0 = none
 *      80      8  path heard age: microseconds since that came in, or since the sender's start if there was none
 *      88     16  the first 16 bytes of HMAC-SHA256 over bytes 0-87
 */
const MAGIC = 0x4853
const VERSION = 1
const FLAG_GOODBYE = 1
export const MAC_BYTES = 16
const BODY_BYTES = 88
export const PACKET_BYTES: number = BODY_BYTES + MAC_BYTES

/** No session: what an echo says before the receiver was heard. */
export const NO_SESSION = '0000000000000000'

/** What was heard last, as the sender reports it to the receiver. */
export interface HeardReport {
  /** 0 for nothing. */
  readonly counter: number
  readonly agoMs: number
}

/** What a packet says. Ids and sessions are 16 hex digits. */
export interface Beat {
  readonly keyId: number
  readonly goodbye: boolean
  readonly from: string
  readonly to: string
  readonly path: string
  readonly session: string
  readonly counter: number
  readonly echo: string
  /** On any path. */
  readonly heard: HeardReport
  /** On the path that this packet goes. */
  readonly pathHeard: HeardReport
}

/** Why bytes are no beat, before any key was tried. */
export type DecodeFault = 'wrong-length' | 'not-a-heartbeat' | 'wrong-version' | 'malformed'

export type Decoded = { readonly ok: true; readonly beat: Beat } | { readonly ok: false; readonly reason: DecodeFault }

/** Writes a beat; `sign` gets the body and returns its MAC. */
export function encodeBeat(beat: Beat, sign: (body: Uint8Array) => Uint8Array): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES)
  packet.writeUInt16BE(MAGIC, 0)
  packet[2] = VERSION
  packet[3] = beat.keyId
  packet[4] = beat.goodbye ? FLAG_GOODBYE : 0
  packet.write(beat.from, 8, 'hex')
  packet.write(beat.to, 16, 'hex')
  packet.write(beat.path, 24, 'hex')
  packet.write(beat.session, 32, 'hex')
  writeWhole(packet, beat.counter, 40)
  packet.write(beat.echo, 48, 'hex')
  writeWhole(packet, beat.heard.counter, 56)
  writeWhole(packet, microseconds(beat.heard.agoMs), 64)
  writeWhole(packet, beat.pathHeard.counter, 72)
  writeWhole(packet, microseconds(beat.pathHeard.agoMs), 80)
  packet.set(sign(packet.subarray(0, BODY_BYTES)), BODY_BYTES)
  return packet
}

/** Reads a packet of any bytes. What it says is not to be believed before its MAC was checked. */
export function decodeBeat(bytes: Uint8Array): Decoded {
  if (bytes.length !== PACKET_BYTES) return { ok: false, reason: 'wrong-length' }
  const packet = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (packet.readUInt16BE(0) !== MAGIC) return { ok: false, reason: 'not-a-heartbeat' }
  if (packet[2] !== VERSION) return { ok: false, reason: 'wrong-version' }
  const beat: Beat = {
    keyId: packet.readUInt8(3),
    goodbye: (packet.readUInt8(4) & FLAG_GOODBYE) !== 0,
    from: idAt(packet, 8),
    to: idAt(packet, 16),
    path: idAt(packet, 24),
    session: idAt(packet, 32),
    counter: readWhole(packet, 40),
    echo: idAt(packet, 48),
    heard: { counter: readWhole(packet, 56), agoMs: readWhole(packet, 64) / 1_000 },
    pathHeard: { counter: readWhole(packet, 72), agoMs: readWhole(packet, 80) / 1_000 },
  }
  return isSound(beat) ? { ok: true, beat } : { ok: false, reason: 'malformed' }
}

/** The parts of a packet that its MAC is checked with. */
export function macParts(packet: Uint8Array): { readonly body: Uint8Array; readonly mac: Uint8Array } {
  return { body: packet.subarray(0, BODY_BYTES), mac: packet.subarray(BODY_BYTES) }
}

function isSound({ session, counter, echo, heard, pathHeard }: Beat): boolean {
  const numbers = [counter, heard.counter, heard.agoMs * 1_000, pathHeard.counter, pathHeard.agoMs * 1_000]
  return (
    session !== NO_SESSION &&
    counter > 0 &&
    numbers.every((number) => number <= Number.MAX_SAFE_INTEGER) &&
    // Whoever knows our session knows it from a packet, and that had a counter.
    (echo === NO_SESSION) === (heard.counter === 0)
  )
}

function idAt(packet: Buffer, offset: number): string {
  return packet.toString('hex', offset, offset + 8)
}

/** Not a bigint: whole numbers up to 2^53 are exact in a number, and this runs for every packet. */
function readWhole(packet: Buffer, offset: number): number {
  return packet.readUInt32BE(offset) * 2 ** 32 + packet.readUInt32BE(offset + 4)
}

function writeWhole(packet: Buffer, value: number, offset: number): void {
  packet.writeUInt32BE(Math.floor(value / 2 ** 32), offset)
  packet.writeUInt32BE(value % 2 ** 32, offset + 4)
}

function microseconds(durationMs: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(durationMs * 1_000)))
}
