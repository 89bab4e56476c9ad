import { addressText, hardwareText } from './address.ts'
import { type Advert, parseAdvert, VRRP_PROTOCOL } from './advert.ts'

const ETHERNET_BYTES = 14
const IPV4 = 0x0800
const IPV6 = 0x86dd
const ARP = 0x0806
const IPV6_BYTES = 40
const ARP_BYTES = 28
const AUTHENTICATION_HEADER = 51
const ICMPV6 = 58
const NEIGHBOUR_ADVERTISEMENT = 136
const OPTION_TARGET_HARDWARE = 2

/** What a frame says that concerns virtual routers. */
export type Heard =
  | { readonly type: 'advert'; readonly advert: Advert; readonly hardware: string }
  /** A message of VRRP that is none. */
  | { readonly type: 'damaged'; readonly because: string; readonly source: string; readonly hardware: string }
  /**
   * Somebody says that an address is its own. `announcement`: unasked, to everybody. `answer`: to a question. `use`: it asks for
   * another address in its name.
   */
  | { readonly type: 'claim'; readonly address: string; readonly hardware: string; readonly how: 'announcement' | 'answer' | 'use' }

/**
 * Reads an Ethernet frame, as far as VRRP (RFC 9568), ARP (RFC 826) and neighbour advertisements (RFC 4861) go.
 *
 * @param frame with its header, without a tag; may be cut off
 * @returns undefined for everything else, and for what is no proper frame
 */
export function parseFrame(frame: Uint8Array): Heard | undefined {
  if (frame.length < ETHERNET_BYTES) return undefined
  const hardware = hardwareText(frame.subarray(6, 12))
  const body = frame.subarray(ETHERNET_BYTES)
  switch (new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getUint16(12)) {
    case IPV4:
      return parseIpv4(body, hardware)
    case IPV6:
      return parseIpv6(body, hardware)
    case ARP:
      return parseArp(body)
    default:
      return undefined
  }
}

function parseIpv4(packet: Uint8Array, hardware: string): Heard | undefined {
  if (packet.length < 20) return undefined
  const view = viewOf(packet)
  const headerBytes = (view.getUint8(0) & 0x0f) * 4
  const totalBytes = view.getUint16(2)
  // A part of a datagram says nothing; no advert is so long that it has to be taken apart.
  if (view.getUint8(0) >> 4 !== 4 || headerBytes < 20 || totalBytes < headerBytes || (view.getUint16(6) & 0x3fff) !== 0) return undefined
  // Short frames are filled up, and the capture may have cut a long one off.
  const message = packet.subarray(headerBytes, Math.min(totalBytes, packet.length))
  const envelope = { source: packet.slice(12, 16), destination: packet.slice(16, 20), ttl: view.getUint8(8) }
  const protocol = view.getUint8(9)
  if (protocol === VRRP_PROTOCOL) return advertFrom(message, envelope, hardware)
  // RFC 2402 section 2: the next header, and how long this one is, in words of 32 bits less 2.
  if (protocol !== AUTHENTICATION_HEADER || message.length < 12 || message[0] !== VRRP_PROTOCOL) return undefined
  return advertFrom(message.subarray(((message[1] ?? 0) + 2) * 4), { ...envelope, authenticationHeader: true }, hardware)
}

function parseIpv6(packet: Uint8Array, hardware: string): Heard | undefined {
  if (packet.length < IPV6_BYTES) return undefined
  const view = viewOf(packet)
  if (view.getUint8(0) >> 4 !== 6) return undefined
  const message = packet.subarray(IPV6_BYTES, Math.min(IPV6_BYTES + view.getUint16(4), packet.length))
  const ttl = view.getUint8(7)
  if (view.getUint8(6) === VRRP_PROTOCOL) {
    return advertFrom(message, { source: packet.slice(8, 24), destination: packet.slice(24, 40), ttl }, hardware)
  }
  // A lower hop limit has crossed a router (RFC 4861 section 7.1.2).
  if (view.getUint8(6) !== ICMPV6 || ttl !== 255 || message.length < 24 || message[0] !== NEIGHBOUR_ADVERTISEMENT) return undefined
  const isAnnouncement = ((message[4] ?? 0) & 0x40) === 0
  return {
    type: 'claim',
    address: addressText(message.subarray(8, 24)),
    hardware: targetHardware(message.subarray(24)) ?? hardware,
    how: isAnnouncement ? 'announcement' : 'answer',
  }
}

function advertFrom(message: Uint8Array, envelope: Parameters<typeof parseAdvert>[1], hardware: string): Heard {
  const result = parseAdvert(message, envelope)
  return result.ok
    ? { type: 'advert', advert: result.advert, hardware }
    : { type: 'damaged', because: result.because, source: addressText(envelope.source), hardware }
}

function parseArp(packet: Uint8Array): Heard | undefined {
  if (packet.length < ARP_BYTES) return undefined
  const view = viewOf(packet)
  // IPv4 over Ethernet.
  if (view.getUint32(0) !== 0x0001_0800 || view.getUint16(4) !== 0x0604) return undefined
  const operation = view.getUint16(6)
  // A probe comes from nobody, and claims nothing (RFC 5227).
  if ((operation !== 1 && operation !== 2) || view.getUint32(14) === 0) return undefined
  const isOfItself = view.getUint32(14) === view.getUint32(24)
  return {
    type: 'claim',
    address: addressText(packet.subarray(14, 18)),
    hardware: hardwareText(packet.subarray(8, 14)),
    how: isOfItself ? 'announcement' : operation === 2 ? 'answer' : 'use',
  }
}

/** Options come as type, length in units of 8 bytes, value. */
function targetHardware(options: Uint8Array): string | undefined {
  for (let at = 0; at + 8 <= options.length;) {
    const bytes = (options[at + 1] ?? 0) * 8
    if (bytes === 0) return undefined
    if (options[at] === OPTION_TARGET_HARDWARE && bytes === 8) return hardwareText(options.subarray(at + 2, at + 8))
    at += bytes
  }
  return undefined
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
