import { checksum, pseudoHeader } from '../checksum.ts'

/** Questions after an address that no cache learns anything from: what is asked comes from nobody. */

const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const ICMPV6 = 58
const SOLICITATION = 135

/**
 * @param hardware of the asker, 6 bytes
 * @param address 4 bytes: an ARP probe (RFC 5227 section 2.1.1); 16 bytes: a neighbour solicitation from `::` (RFC 4862 section 5.4.2)
 * @returns an Ethernet frame
 */
export function whoHas(hardware: Uint8Array, address: Uint8Array): Uint8Array {
  return address.length === 4 ? arpProbe(hardware, address) : solicitation(hardware, address)
}

function arpProbe(hardware: Uint8Array, address: Uint8Array): Uint8Array {
  const nobody = [0, 0, 0, 0]
  // Ethernet and IPv4, 6 and 4 bytes, a request.
  const header = [0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1]
  return Uint8Array.from([...BROADCAST, ...hardware, ...header, ...hardware, ...nobody, 0, 0, 0, 0, 0, 0, ...address])
}

function solicitation(hardware: Uint8Array, address: Uint8Array): Uint8Array {
  const group = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, ...address.slice(13)]
  const body = [SOLICITATION, 0, 0, 0, 0, 0, 0, 0, ...address]
  const source = new Uint8Array(16)
  const sum = checksum([pseudoHeader(source, Uint8Array.from(group), body.length, ICMPV6), Uint8Array.from(body)], 2)
  body[2] = sum >> 8
  body[3] = sum & 0xff
  // Multicast of IPv6 over Ethernet: RFC 2464 section 7.
  const ethernet = [0x33, 0x33, ...group.slice(12), ...hardware, 0x86, 0xdd]
  return Uint8Array.from([...ethernet, 0x60, 0, 0, 0, 0, body.length, ICMPV6, 255, ...source, ...group, ...body])
}
