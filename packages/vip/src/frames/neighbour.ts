import type { AddressClaim } from './arp.ts'

/** Neighbour discovery of IPv6 (RFC 4861) over Ethernet: the unsolicited advertisement and the probe. */

const ETHERTYPE_IPV6 = 0x86dd
const ICMPV6 = 58
const SOLICITATION = 135
const ADVERTISEMENT = 136
const ETHERNET_BYTES = 14
const HEADERS_BYTES = 54
const OPTION_TARGET_MAC = 2
/** Anything lower has crossed a router (RFC 4861 section 7.1). */
const HOP_LIMIT = 255
const OVERRIDE = 0x2000_0000
const ALL_NODES = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
const SOLICITED_NODE = Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff)

/** Tells all nodes who has the address now (RFC 4861 section 7.2.6), overriding what they knew. */
export function neighbourAnnouncement(mac: Uint8Array, address: Uint8Array): Uint8Array {
  const body = new Uint8Array(32)
  const view = new DataView(body.buffer)
  view.setUint8(0, ADVERTISEMENT)
  view.setUint32(4, OVERRIDE)
  body.set(address, 8)
  view.setUint16(24, (OPTION_TARGET_MAC << 8) | 1)
  body.set(mac, 26)
  return icmpFrame({ mac, source: address, destination: ALL_NODES, body })
}

/** Asks who has the address, from the unspecified address (RFC 4862 section 5.4.2): its holder answers to all nodes. */
export function neighbourProbe(mac: Uint8Array, address: Uint8Array): Uint8Array {
  const body = new Uint8Array(24)
  body[0] = SOLICITATION
  body.set(address, 8)
  const destination = Uint8Array.from([...SOLICITED_NODE, ...address.slice(13)])
  return icmpFrame({ mac, source: new Uint8Array(16), destination, body })
}

/** @returns the claim in an advertisement; the holder is named by its option, or else by the frame's sender */
export function parseNeighbourClaim(frame: Uint8Array): AddressClaim | undefined {
  if (frame.length < HEADERS_BYTES + 24) return undefined
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint16(12) !== ETHERTYPE_IPV6 || view.getUint8(14) >> 4 !== 6 || view.getUint8(20) !== ICMPV6) return undefined
  if (view.getUint8(21) !== HOP_LIMIT || view.getUint8(HEADERS_BYTES) !== ADVERTISEMENT || view.getUint8(HEADERS_BYTES + 1) !== 0)
    return undefined
  const end = HEADERS_BYTES + view.getUint16(18)
  if (end > frame.length || end < HEADERS_BYTES + 24) return undefined
  const address = frame.slice(HEADERS_BYTES + 8, HEADERS_BYTES + 24)
  return { mac: targetMac(frame.subarray(HEADERS_BYTES + 24, end)) ?? frame.slice(6, 12), address }
}

/** Options come as type, length in units of 8 bytes, value. */
function targetMac(options: Uint8Array): Uint8Array | undefined {
  let at = 0
  while (at + 8 <= options.length) {
    const bytes = (options[at + 1] ?? 0) * 8
    if (bytes === 0) return undefined
    if (options[at] === OPTION_TARGET_MAC && bytes === 8) return options.slice(at + 2, at + 8)
    at += bytes
  }
  return undefined
}

interface IcmpFields {
  readonly mac: Uint8Array
  readonly source: Uint8Array
  readonly destination: Uint8Array
  readonly body: Uint8Array
}

function icmpFrame({ mac, source, destination, body }: IcmpFields): Uint8Array {
  const frame = new Uint8Array(HEADERS_BYTES + body.length)
  const view = new DataView(frame.buffer)
  // IPv6 multicast over Ethernet: 33:33 and the last four bytes (RFC 2464 section 7).
  frame.set([0x33, 0x33, ...destination.slice(12)], 0)
  frame.set(mac, 6)
  view.setUint16(12, ETHERTYPE_IPV6)
  view.setUint8(ETHERNET_BYTES, 0x60)
  view.setUint16(18, body.length)
  view.setUint8(20, ICMPV6)
  view.setUint8(21, HOP_LIMIT)
  frame.set(source, 22)
  frame.set(destination, 38)
  frame.set(body, HEADERS_BYTES)
  view.setUint16(HEADERS_BYTES + 2, checksum(source, destination, body))
  return frame
}

/** The checksum of ICMPv6 over its pseudo-header (RFC 4443 section 2.3); the field itself counts as 0. */
export function checksum(source: Uint8Array, destination: Uint8Array, body: Uint8Array): number {
  const words = [...source, ...destination, 0, 0, body.length >> 8, body.length & 0xff, 0, 0, 0, ICMPV6, ...body]
  let sum = 0
  for (let index = 0; index < words.length; index += 2) sum += ((words[index] ?? 0) << 8) | (words[index + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
