import { isIPv4, isIPv6 } from 'node:net'

/** Both ends of a client's connection; undefined where the socket does not know any more. */
export interface ConnectionEnds {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
}

interface KnownEnds {
  readonly family: 4 | 6
  readonly source: string
  readonly sourcePort: number
  readonly destination: string
  readonly destinationPort: number
}

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const VERSION_2 = 0x20
const LOCAL = 0x00
const PROXY = 0x01
const UNSPECIFIED = 0x00
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21
const HEAD_BYTES = 16
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * The header of the PROXY protocol that tells a target where its client comes from.
 *
 * @param version the older one is a line of text, the newer one binary
 * @returns the bytes to send before any other. A connection whose ends are not known is said to be the proxy's own
 * (`LOCAL`; in version 1 `UNKNOWN`), so that the target takes the addresses of the socket itself
 * @see https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt sections 2.1 and 2.2
 */
export function proxyHeader(version: 'v1' | 'v2', ends: ConnectionEnds): Buffer {
  const known = knownEnds(ends)
  return version === 'v1' ? textHeader(known) : binaryHeader(known)
}

function textHeader(known: KnownEnds | undefined): Buffer {
  if (!known) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1')
  const { family, source, destination, sourcePort, destinationPort } = known
  return Buffer.from(`PROXY TCP${family} ${source} ${destination} ${sourcePort} ${destinationPort}\r\n`, 'latin1')
}

function binaryHeader(known: KnownEnds | undefined): Buffer {
  const addressBytes = !known ? 0 : known.family === 4 ? 4 : 16
  const length = addressBytes === 0 ? 0 : 2 * addressBytes + 4
  const header = Buffer.alloc(HEAD_BYTES + length)
  SIGNATURE.copy(header)
  header[12] = VERSION_2 | (known ? PROXY : LOCAL)
  header[13] = !known ? UNSPECIFIED : known.family === 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6
  header.writeUInt16BE(length, 14)
  if (!known) return header
  addressInto(header, HEAD_BYTES, known.source)
  addressInto(header, HEAD_BYTES + addressBytes, known.destination)
  header.writeUInt16BE(known.sourcePort, HEAD_BYTES + 2 * addressBytes)
  header.writeUInt16BE(known.destinationPort, HEAD_BYTES + 2 * addressBytes + 2)
  return header
}

/** A socket that takes both families gives IPv4 as `::ffff:1.2.3.4`; the two ends are told in one family. */
function knownEnds({ remoteAddress, remotePort, localAddress, localPort }: ConnectionEnds): KnownEnds | undefined {
  if (remoteAddress === undefined || localAddress === undefined || remotePort === undefined || localPort === undefined) return undefined
  const [source, destination] = [withoutMapping(remoteAddress), withoutMapping(localAddress)]
  const ports = { sourcePort: remotePort, destinationPort: localPort }
  if (isIPv4(source) && isIPv4(destination)) return { family: 4, source, destination, ...ports }
  const [wideSource, wideDestination] = [widened(source), widened(destination)]
  if (!isIPv6(wideSource) || !isIPv6(wideDestination)) return undefined
  return { family: 6, source: wideSource, destination: wideDestination, ...ports }
}

function withoutMapping(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address
}

/** As IPv6, without the zone (`%eth0`), which means nothing on another machine. */
function widened(address: string): string {
  return isIPv4(address) ? `::ffff:${address}` : address.replace(/%.*$/, '')
}

/** @param address one that `isIPv4` or `isIPv6` takes */
function addressInto(bytes: Buffer, offset: number, address: string): void {
  if (isIPv4(address)) {
    for (const [index, part] of address.split('.').entries()) bytes[offset + index] = Number(part)
    return
  }
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const text = dotted ? `${dotted[1]}${hexPairs(dotted[2] ?? '')}` : address
  const [front = '', back] = text.split('::')
  const head = groups(front)
  const tail = groups(back ?? '')
  for (const [index, group] of head.entries()) bytes.writeUInt16BE(group, offset + 2 * index)
  for (const [index, group] of tail.entries()) bytes.writeUInt16BE(group, offset + 16 - 2 * (tail.length - index))
}

function groups(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

/** `1.2.3.4` as the last two groups of an IPv6 address: `102:304`. */
function hexPairs(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
