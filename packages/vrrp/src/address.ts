import { isIPv4, isIPv6 } from 'node:net'

/** The usual text of 4 or 16 bytes: `10.0.0.1`, `fe80::1`; empty for any other number of them. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return ''
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  // RFC 5952 is what the parser of URLs writes.
  return new URL(`http://[${hex.replaceAll(/(.{4})(?!$)/g, '$1:')}]`).hostname.slice(1, -1)
}

/** @returns 4 or 16 bytes; undefined for what is no address, and for one with a zone */
export function addressBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  for (const [index, group] of left.entries()) view.setUint16(index * 2, group)
  for (const [index, group] of right.entries()) view.setUint16(16 - (right.length - index) * 2, group)
  return bytes
}

/** `02:00:0a:00:00:01`, lower case. */
export function hardwareText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
}

function groupsOf(part: string): readonly number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
}
