import { isIPv4, isIPv6 } from 'node:net'
import { DnsValueError } from './errors.ts'

/** @throws DnsValueError where it is no IPv4 address */
export function ipv4Bytes(text: string): Uint8Array {
  if (!isIPv4(text)) throw new DnsValueError(`"${text}" is no IPv4 address`)
  return Uint8Array.from(text.split('.'), Number)
}

export function ipv4Text(bytes: Uint8Array): string {
  return bytes.join('.')
}

/** @throws DnsValueError where it is no IPv6 address; one with a zone (`%eth0`) is none */
export function ipv6Bytes(text: string): Uint8Array {
  if (!isIPv6(text) || text.includes('%')) throw new DnsValueError(`"${text}" is no IPv6 address`)
  const [front = '', back] = shortIPv6(text).split('::')
  const head = groups(front)
  const tail = groups(back ?? '')
  const all = back === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** @returns the form of RFC 5952, 4: in lower case, the longest run of zeros left out */
export function ipv6Text(bytes: Uint8Array): string {
  const text = Array.from({ length: 8 }, (_, index) => (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16))
  return shortIPv6(text.join(':'))
}

/** What the URL standard writes for hosts is that form too. */
function shortIPv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1)
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}
