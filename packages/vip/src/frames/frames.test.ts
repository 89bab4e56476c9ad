import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressBytes, macBytes } from '../address.ts'
import { arpAnnouncements, arpProbe, parseArpClaim } from './arp.ts'
import { claimFilter } from './filter.ts'
import { checksum, neighbourAnnouncement, neighbourProbe, parseNeighbourClaim } from './neighbour.ts'

const MAC = macBytes('02:00:00:00:00:0a')!
const IPV4 = addressBytes('10.0.0.100')!
const IPV6 = addressBytes('fd00::100')!
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** Runs a classic BPF program, as far as ours go. */
function accepts(program: Uint8Array, frame: Uint8Array): boolean {
  const view = new DataView(program.buffer)
  const data = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  let register = 0
  for (let at = 0; ; at++) {
    const [operation, operand] = [view.getUint16(at * 8, true), view.getUint32(at * 8 + 4, true)]
    const bytes = { 0x20: 4, 0x28: 2, 0x30: 1 }[operation]
    if (bytes !== undefined) {
      // Beyond the end of a frame, the kernel rejects it.
      if (operand + bytes > frame.length) return false
      register = bytes === 4 ? data.getUint32(operand) : bytes === 2 ? data.getUint16(operand) : data.getUint8(operand)
    } else if (operation === 0x15) at += view.getUint8(at * 8 + (register === operand ? 2 : 3))
    else return operand > 0
  }
}

describe('frames', () => {
  it('announce IPv4 by a request and by a reply to its sender', () => {
    const ends = '02000000000a0a000064'
    expect(arpAnnouncements(MAC, IPV4).map(hex)).toEqual([
      `ffffffffffff02000000000a08060001080006040001${ends}0000000000000a000064`,
      `ffffffffffff02000000000a08060001080006040002${ends}02000000000a0a000064`,
    ])
  })

  it('announce IPv6 to all nodes, overriding what they knew', () => {
    const frame = neighbourAnnouncement(MAC, IPV6)
    expect(hex(frame.slice(0, 14))).toBe('33330000000102000000000a86dd')
    expect(hex(frame.slice(54, 56))).toBe('8800')
    expect(hex(frame.slice(58))).toBe(`20000000${hex(IPV6)}020102000000000a`)
    const body = frame.slice(54)
    // Summed up with its own checksum, a packet gives 0.
    expect(checksum(frame.slice(22, 38), frame.slice(38, 54), body)).toBe(0)
  })

  it('probe in nobody’s name', () => {
    expect(parseArpClaim(arpProbe(MAC, IPV4))).toBeUndefined()
    const probe = neighbourProbe(MAC, IPV6)
    expect(hex(probe.slice(22, 54))).toBe(`${'00'.repeat(16)}ff0200000000000000000001ff000100`)
    expect(hex(probe.slice(0, 6))).toBe('3333ff000100')
    expect(parseNeighbourClaim(probe)).toBeUndefined()
  })

  it('are read back as the claims that they are', () => {
    for (const frame of arpAnnouncements(MAC, IPV4)) expect(parseArpClaim(frame)).toEqual({ mac: MAC, address: IPV4 })
    expect(parseNeighbourClaim(neighbourAnnouncement(MAC, IPV6))).toEqual({ mac: MAC, address: IPV6 })
  })

  it('that make no sense are no claims, and break nothing', () => {
    const valid = [...arpAnnouncements(MAC, IPV4), neighbourAnnouncement(MAC, IPV6)]
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.array(fc.tuple(fc.nat(100), fc.nat(255)), { maxLength: 4 }),
        fc.nat(100),
        (frame, edits, length) => {
          const bytes = frame.slice(0, length)
          for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value
          for (const claim of [parseArpClaim(bytes), parseNeighbourClaim(bytes)]) {
            expect(claim?.mac.length ?? 6).toBe(6)
          }
        },
      ),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void [parseArpClaim(bytes), parseNeighbourClaim(bytes)]))
  })
})

describe('the filter', () => {
  it('lets claims of its own address through and nothing else', () => {
    const [request, reply] = arpAnnouncements(MAC, IPV4)
    expect([request!, reply!].map((frame) => accepts(claimFilter(IPV4), frame))).toEqual([true, true])
    expect(accepts(claimFilter(IPV4), arpProbe(MAC, IPV4))).toBe(false)
    expect(accepts(claimFilter(addressBytes('10.0.0.101')!), request!)).toBe(false)
    expect(accepts(claimFilter(IPV6), neighbourAnnouncement(MAC, IPV6))).toBe(true)
    expect(accepts(claimFilter(addressBytes('fd00::101')!), neighbourAnnouncement(MAC, IPV6))).toBe(false)
    expect(accepts(claimFilter(IPV6), neighbourProbe(MAC, IPV6))).toBe(false)
    expect(accepts(claimFilter(IPV6), request!)).toBe(false)
  })

  it('agrees with the parser about every frame that the parser accepts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 4, maxLength: 4 }), (ours, theirs) => {
        const frame = arpAnnouncements(MAC, theirs)[0]!
        expect(accepts(claimFilter(ours), frame)).toBe(hex(ours) === hex(theirs))
      }),
    )
  })
})
