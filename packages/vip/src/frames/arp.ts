/**
 * ARP over Ethernet (RFC 826), as far as an address that moves needs it (RFC 5227): announcements and probes.
 * Builders and the parser work on whole Ethernet frames.
 */

const ETHERTYPE_ARP = 0x0806
const FRAME_BYTES = 42
const REQUEST = 1
const REPLY = 2
const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
const NOBODY = new Uint8Array(6)

/** Somebody who says that an address is theirs. */
export interface AddressClaim {
  /** Who: 6 bytes. */
  readonly mac: Uint8Array
  /** What: 4 or 16 bytes. */
  readonly address: Uint8Array
}

/**
 * The gratuitous ARP in both forms. Linux accepts a request at once, and a reply within the first second of an entry's life
 * only if its target is the sender's own hardware address; some switches take replies alone. So both go out.
 */
export function arpAnnouncements(mac: Uint8Array, address: Uint8Array): readonly Uint8Array[] {
  return [
    arpFrame({ operation: REQUEST, mac, sender: address, targetMac: NOBODY, target: address }),
    arpFrame({ operation: REPLY, mac, sender: address, targetMac: mac, target: address }),
  ]
}

/** Asks who has the address, from nobody (RFC 5227 section 2.1.1): no cache takes anything from it. */
export function arpProbe(mac: Uint8Array, address: Uint8Array): Uint8Array {
  return arpFrame({ operation: REQUEST, mac, sender: new Uint8Array(4), targetMac: NOBODY, target: address })
}

/** @returns the claim in a frame whose sender has an address; undefined for probes, and for anything that is no ARP for IPv4 over Ethernet */
export function parseArpClaim(frame: Uint8Array): AddressClaim | undefined {
  if (frame.length < FRAME_BYTES) return undefined
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint16(12) !== ETHERTYPE_ARP || view.getUint32(14) !== 0x0001_0800 || view.getUint16(18) !== 0x0604) return undefined
  const operation = view.getUint16(20)
  if ((operation !== REQUEST && operation !== REPLY) || view.getUint32(28) === 0) return undefined
  return { mac: frame.slice(22, 28), address: frame.slice(28, 32) }
}

interface ArpFields {
  readonly operation: number
  readonly mac: Uint8Array
  readonly sender: Uint8Array
  readonly targetMac: Uint8Array
  readonly target: Uint8Array
}

function arpFrame({ operation, mac, sender, targetMac, target }: ArpFields): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES)
  const view = new DataView(frame.buffer)
  frame.set(BROADCAST, 0)
  frame.set(mac, 6)
  view.setUint16(12, ETHERTYPE_ARP)
  // Ethernet, IPv4, 6 and 4 bytes.
  view.setUint32(14, 0x0001_0800)
  view.setUint16(18, 0x0604)
  view.setUint16(20, operation)
  frame.set(mac, 22)
  frame.set(sender, 28)
  frame.set(targetMac, 32)
  frame.set(target, 38)
  return frame
}
