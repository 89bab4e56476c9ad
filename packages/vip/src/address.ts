import { isIPv4, isIPv6 } from 'node:net'

export type AddressFamily = 4 | 6

/** A virtual address, taken apart once. */
export interface VirtualAddress {
  readonly family: AddressFamily
  /** In its usual form, without the prefix length: `10.0.0.100`, `fd00::100`. */
  readonly text: string
  /** 4 or 16 bytes, as on the wire. */
  readonly bytes: Uint8Array
  readonly prefixLength: number
}

/**
 * Reads `10.0.0.100`, `10.0.0.100/32` or `fd00::100/128`; without a prefix length it is a single address.
 *
 * @returns undefined for anything else, for addresses that no interface can hold, and for those of the loopback
 */
export function parseVirtualAddress(text: string): VirtualAddress | undefined {
  const match = /^([0-9a-fA-F:.]{2,45})(?:\/(\d{1,3}))?$/.exec(text)
  const bytes = match?.[1] === undefined ? undefined : addressBytes(match[1])
  if (!match || !bytes || !isHoldable(bytes)) return undefined
  const longest = bytes.length * 8
  const prefixLength = match[2] === undefined ? longest : Number(match[2])
  if (prefixLength < 1 || prefixLength > longest) return undefined
  return { family: bytes.length === 4 ? 4 : 6, text: addressText(bytes), bytes, prefixLength }
}

/** @returns 4 or 16 bytes, or undefined for what is no address */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) return undefined
  // URL writes an address in one form only, with any dotted tail turned into groups.
  const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const left = groupsOf(head)
  const right = tail === undefined ? [] : groupsOf(tail)
  const gap = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return Uint8Array.from([...left, ...gap, ...right].flatMap((group) => [group >> 8, group & 0xff]))
}

/** The usual text of 4 or 16 bytes; empty for any other number of them. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return [...bytes].join('.')
  if (bytes.length !== 16) return ''
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

/** `02:00:0a:00:00:01`, lower case; empty for what is no hardware address of Ethernet. */
export function macText(bytes: Uint8Array): string {
  return bytes.length === 6 ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':') : ''
}

/** @returns 6 bytes, or undefined for what is no hardware address of Ethernet */
export function macBytes(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}$/.test(text)) return undefined
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16))
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

/** Not 0.0.0.0/8, 127/8, multicast, reserved, ::, ::1 or ff00::/8. */
function isHoldable(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0
  if (bytes.length === 4) return first !== 0 && first !== 127 && first < 224
  return first !== 0xff && !(bytes.slice(0, 15).every((byte) => byte === 0) && (bytes[15] ?? 0) <= 1)
}
