/** Netlink messages (RFC 3549, netlink(7)), in the order of bytes of a little-endian machine. Pure. */

const HEADER_BYTES = 16
const ATTRIBUTE_BYTES = 4
/** Nested attributes carry a flag in their type. */
const TYPE_MASK = 0x3fff
const NESTED = 0x8000

export const NLM_F_REQUEST = 0x1
export const NLM_F_ACK = 0x4
export const NLM_F_DUMP = 0x300
/** What was listed has changed meanwhile: something may be missing. */
export const NLM_F_DUMP_INTR = 0x10
export const NLM_F_REPLACE = 0x100
export const NLM_F_CREATE = 0x400

export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3

export interface NetlinkMessage {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  /** What follows the header. */
  readonly body: Uint8Array
}

export function encodeMessage({ type, flags, sequence, body }: NetlinkMessage): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + aligned(body.length))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, HEADER_BYTES + body.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flags, true)
  view.setUint32(8, sequence, true)
  bytes.set(body, HEADER_BYTES)
  return bytes
}

/** The messages in what one call has received; stops where the rest makes no sense. */
export function decodeMessages(bytes: Uint8Array): readonly NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const messages: NetlinkMessage[] = []
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at, true)
    if (length < HEADER_BYTES || at + length > bytes.length) break
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      body: bytes.slice(at + HEADER_BYTES, at + length),
    })
    at += aligned(length)
  }
  return messages
}

/** The kernel's answer in the body of an `NLMSG_ERROR`: 0 for done, or an errno above 0; undefined when it is cut off. */
export function errnoOf(body: Uint8Array): number | undefined {
  if (body.length < 4) return undefined
  return Math.abs(new DataView(body.buffer, body.byteOffset, body.byteLength).getInt32(0, true))
}

export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(ATTRIBUTE_BYTES + value.length))
  const view = new DataView(bytes.buffer)
  view.setUint16(0, ATTRIBUTE_BYTES + value.length, true)
  view.setUint16(2, type, true)
  bytes.set(value, ATTRIBUTE_BYTES)
  return bytes
}

export function nested(type: number, ...attributes: readonly Uint8Array[]): Uint8Array {
  return attribute(type | NESTED, joined(attributes))
}

export function textAttribute(type: number, text: string): Uint8Array {
  return attribute(type, new TextEncoder().encode(`${text}\0`))
}

export function wordAttribute(type: number, value: number): Uint8Array {
  return attribute(type, words(value))
}

/** Attributes by type; a type that comes twice counts once, and what is cut off not at all. */
export function decodeAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const attributes = new Map<number, Uint8Array>()
  let at = 0
  while (at + ATTRIBUTE_BYTES <= bytes.length) {
    const length = view.getUint16(at, true)
    if (length < ATTRIBUTE_BYTES || at + length > bytes.length) break
    const type = view.getUint16(at + 2, true) & TYPE_MASK
    if (!attributes.has(type)) attributes.set(type, bytes.slice(at + ATTRIBUTE_BYTES, at + length))
    at += aligned(length)
  }
  return attributes
}

/** 32-bit words, as they stand in the kernel's structures. */
export function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, true)
  return bytes
}

/** The word at `index`; 0 where there is none. */
export function wordAt(bytes: Uint8Array | undefined, index = 0): number {
  if (!bytes || bytes.length < (index + 1) * 4) return 0
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(index * 4, true)
}

export function textOf(bytes: Uint8Array | undefined): string {
  if (!bytes) return ''
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end))
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function aligned(length: number): number {
  return (length + 3) & ~3
}
