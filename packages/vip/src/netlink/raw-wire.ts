import { type VirtualAddress, macBytes, macText } from '../address.ts'
import type { LinkFacts, Wire } from '../driver.ts'
import { arpAnnouncements, arpProbe, parseArpClaim } from '../frames/arp.ts'
import { claimFilter } from '../frames/filter.ts'
import { neighbourAnnouncement, neighbourProbe, parseNeighbourClaim } from '../frames/neighbour.ts'
import { type Libc, systemError } from './libc.ts'

const AF_PACKET = 17
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2_000_000
const FRAME_BYTES = 512
/** Claims that are read in one go: a storm is cut off, and goes on at the next look. */
const MAX_FRAMES = 64

/** Whole Ethernet frames through a packet(7) socket that sees nothing but claims of the address. */
export function openRawWire(libc: Libc, link: LinkFacts, address: VirtualAddress): Wire {
  const mac = macBytes(link.mac) ?? new Uint8Array(6)
  const ipv4 = address.family === 4
  const announcements = ipv4 ? arpAnnouncements(mac, address.bytes) : [neighbourAnnouncement(mac, address.bytes)]
  const probe = ipv4 ? arpProbe(mac, address.bytes) : neighbourProbe(mac, address.bytes)
  const parse = ipv4 ? parseArpClaim : parseNeighbourClaim
  const buffer = new Uint8Array(FRAME_BYTES)
  let open = true

  // Protocol 0 hears nothing; only once the filter is in place does `bind` choose what is heard.
  const descriptor = libc.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)
  if (descriptor < 0) throw systemError('open a socket for raw frames', libc.errno())
  const fail = (what: string) => {
    const error = systemError(what, libc.errno())
    libc.close(descriptor)
    return error
  }
  if (libc.attachFilter(descriptor, claimFilter(address.bytes)) < 0) throw fail('filter raw frames')
  if (libc.bind(descriptor, linkLayerAddress(link.index, ipv4 ? 0x0806 : 0x86dd)) < 0) throw fail(`listen for raw frames on ${link.name}`)

  const send = (what: string, frame: Uint8Array) => {
    if (open && libc.send(descriptor, frame) < 0) throw systemError(`${what} on ${link.name}`, libc.errno())
  }
  return {
    means: 'raw',
    announce() {
      for (const frame of announcements) send('announce', frame)
    },
    probe: () => send('probe', probe),
    takeClaims() {
      const claims = new Set<string>()
      if (!open) return []
      for (let frames = 0; frames < MAX_FRAMES; frames++) {
        const length = libc.receive(descriptor, buffer)
        if (length < 0) break
        const claim = parse(buffer.subarray(0, length))
        const from = claim && macText(claim.mac)
        if (from !== undefined && from !== link.mac) claims.add(from)
      }
      return [...claims]
    },
    close() {
      if (open) libc.close(descriptor)
      open = false
    },
  }
}

/** `struct sockaddr_ll`. */
function linkLayerAddress(linkIndex: number, etherType: number): Uint8Array {
  const bytes = new Uint8Array(20)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, AF_PACKET, true)
  view.setUint16(2, etherType)
  view.setUint32(4, linkIndex, true)
  return bytes
}
