import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum, pseudoHeader } from './checksum.ts'
import { parseFrame } from './frame.ts'
import { bytesOf, keepalivedFrames as frames } from './frames.fixture.ts'

const heard = (frame: Uint8Array) => parseFrame(frame)

/** A frame with one byte changed. */
function changed(hex: string, at: number, value: number): Uint8Array {
  const bytes = bytesOf(hex)
  bytes[at] = value
  return bytes
}

describe('what is no advert', () => {
  it.each([
    ['nothing', new Uint8Array()],
    ['half of a header', bytesOf(frames.version3).subarray(0, 20)],
    ['another protocol', changed(frames.version3, 23, 17)],
    ['a part of a datagram', changed(frames.version3, 20, 0x20)],
    ['a header that is shorter than itself', changed(frames.version3, 14, 0x44)],
    ['IP that is longer than its total', changed(frames.version3, 17, 4)],
    ['another question of IPv6', bytesOf(frames.routerSolicitation)],
    ['an advertisement that has crossed a router', changed(frames.neighbourAnnouncement, 21, 254)],
  ])('%s says nothing', (_, frame) => {
    expect(heard(frame)).toBeUndefined()
  })

  it.each([
    ['an unknown version', changed(frames.version3, 34, 0x51), 'version 5 of VRRP is not known'],
    ['an unknown type', changed(frames.version3, 34, 0x32), 'type 2 of VRRP is not known'],
    ['router 0', changed(frames.version3, 35, 0), '0 is no virtual router'],
    ['more addresses than there are', changed(frames.version3, 37, 2), '2 addresses do not fit into 12 bytes'],
    ['a message that was cut off', bytesOf(frames.version3).subarray(0, 38), '4 bytes are no message of VRRP'],
  ])('%s is told as damaged', (_, frame, because) => {
    expect(heard(frame)).toEqual({ type: 'damaged', because, source: '10.9.0.1', hardware: '02:4d:00:00:00:01' })
  })

  it('never throws, and never reads past the end, whatever comes', () => {
    const mutated = fc.tuple(
      fc.constantFrom(...Object.values(frames)),
      fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 8 }),
      fc.nat(100),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          mutated.map(([hex, changes, length]) => {
            const bytes = bytesOf(hex)
            for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
            return bytes.subarray(0, length)
          }),
        ),
        (frame) => {
          const result = parseFrame(frame)
          const texts = result?.type === 'advert' ? [...result.advert.addresses, result.advert.source] : []
          expect(texts).not.toContain('')
        },
      ),
      { numRuns: 3_000 },
    )
  })
})

describe('adverts of keepalived', () => {
  it('are read in version 2, and the password is nowhere', () => {
    const result = heard(bytesOf(frames.password))
    expect(result).toEqual({
      type: 'advert',
      hardware: '02:4d:00:00:00:01',
      advert: {
        version: 2,
        family: 4,
        source: '10.9.0.1',
        destination: '224.0.0.18',
        ttl: 255,
        routerId: 51,
        priority: 150,
        intervalMs: 1_000,
        addresses: ['10.9.0.100', '10.9.0.101'],
        authentication: 'password',
        checksum: 'message',
      },
    })
    expect(JSON.stringify(result)).not.toContain('geheim')
  })

  it.each([
    [
      'inside an authentication header',
      frames.header,
      { version: 2, routerId: 52, intervalMs: 2_000, authentication: 'header', checksum: 'message' },
    ],
    [
      'in version 3',
      frames.version3,
      { version: 3, routerId: 53, priority: 200, intervalMs: 250, authentication: 'none', checksum: 'pseudo-header' },
    ],
    ['that resign', frames.resigned, { priority: 0, intervalMs: 250 }],
    ['for one peer', frames.unicast, { destination: '10.9.0.2', intervalMs: 500, checksum: 'pseudo-header' }],
    ['by IPv6', frames.ipv6, { family: 6, source: 'fe80::4d:ff:fe00:1', addresses: ['fe80::100', 'fd09::100'], checksum: 'pseudo-header' }],
  ])('are read %s', (_, hex, advert) => {
    expect(heard(bytesOf(hex))).toMatchObject({ type: 'advert', advert })
  })

  it('are read though a short frame was filled up', () => {
    expect(heard(Uint8Array.from([...bytesOf(frames.version3), 1, 2, 3, 4]))).toEqual(heard(bytesOf(frames.version3)))
  })

  it('have a wrong checksum when a byte has changed', () => {
    expect(heard(changed(frames.password, 36, 151))).toMatchObject({ advert: { priority: 151, checksum: 'wrong' } })
    expect(heard(changed(frames.ipv6, 56, 91))).toMatchObject({ advert: { checksum: 'wrong' } })
  })
})

describe('the variants of the checksum', () => {
  const withChecksum = (message: Uint8Array, sum: number) => {
    const frame = bytesOf(frames.version3)
    const bytes = Uint8Array.from([...frame.subarray(0, 34), ...message])
    bytes[17] = 20 + message.length
    new DataView(bytes.buffer).setUint16(40, sum)
    return bytes
  }
  const message = bytesOf(frames.version3).subarray(34)
  const ends = [Uint8Array.of(10, 9, 0, 1), Uint8Array.of(224, 0, 0, 18)] as const

  it('of version 3 over the message alone, as RFC 9568 has it for IPv4, is right', () => {
    expect(heard(withChecksum(message, checksum([message], 6)))).toMatchObject({ advert: { checksum: 'message' } })
  })

  it('is right without a trailer that follows the addresses', () => {
    const longer = Uint8Array.from([...message, 9, 9, 9, 9, 9, 9, 9, 9])
    const sum = checksum([pseudoHeader(...ends, message.length, 112), message], 6)
    expect(heard(withChecksum(longer, sum))).toMatchObject({ advert: { checksum: 'without-trailer' } })
  })
})

describe('claims of an address', () => {
  it.each([
    ['gratuitous ARP', frames.gratuitousArp, { address: '10.9.0.100', hardware: '02:4d:00:00:00:01', how: 'announcement' }],
    ['an answer', frames.arpAnswer, { address: '10.9.0.2', hardware: '02:4d:00:00:00:02', how: 'answer' }],
    ['a question after another one', frames.arpQuestion, { address: '10.9.0.1', how: 'use' }],
    [
      'an advertisement of IPv6',
      frames.neighbourAnnouncement,
      { address: 'fd09::100', hardware: '02:4d:00:00:00:01', how: 'announcement' },
    ],
  ])('are seen in %s', (_, hex, claim) => {
    expect(heard(bytesOf(hex))).toMatchObject({ type: 'claim', ...claim })
  })

  it('are not seen in a question from nobody', () => {
    const probe = bytesOf(frames.arpQuestion)
    probe.fill(0, 28, 32)
    expect(heard(probe)).toBeUndefined()
  })
})
