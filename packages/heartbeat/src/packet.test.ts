import { createHash, createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beat, keyRing, signed } from './packet.fixture.ts'
import { decodeBeat, encodeBeat, NO_SESSION, PACKET_BYTES } from './packet.ts'

const id = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const session = id.filter((hex) => hex !== NO_SESSION)
const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const agoMs = fc.integer({ min: 0, max: 2 ** 50 }).map((microseconds) => microseconds / 1_000)
const heard = fc.record({ counter, agoMs })
const anyBeat = fc.oneof(
  fc.record({ echo: session, heard }),
  fc.record({ echo: fc.constant(NO_SESSION), heard: fc.record({ counter: fc.constant(0), agoMs }) }),
)

describe('a packet', () => {
  it.each(Array.from({ length: 110 }, (_, length) => length).filter((length) => length !== PACKET_BYTES))(
    'of %i bytes is no beat',
    (length) => {
      const bytes = Buffer.alloc(length)
      bytes.set(signed().subarray(0, length))
      expect(decodeBeat(bytes)).toEqual({ ok: false, reason: 'wrong-length' })
    },
  )

  it('says nothing that its fields cannot hold, whatever its bytes are', () => {
    // Whole fields of a valid packet, changed: of bytes by chance alone not one in 10,000 gets as far as the checks.
    const anyNumber = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 2n ** 53n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    const field = fc.tuple(fc.constantFrom(32, 40, 48, 56, 64, 72, 80), anyNumber)
    const outcomes = new Set<string>()
    fc.assert(
      fc.property(fc.array(field, { maxLength: 3 }), (fields) => {
        const packet = Buffer.from(signed())
        for (const [offset, changed] of fields) packet.writeBigUInt64BE(changed, offset)
        const decoded = decodeBeat(packet)
        outcomes.add(decoded.ok ? 'a beat' : decoded.reason)
        const { session: own, counter: number, echo, heard: told, pathHeard } = decoded.ok ? decoded.beat : beat()
        const numbers = [number, ...[told, pathHeard].flatMap((report) => [report.counter, report.agoMs * 1_000])]
        expect(numbers.filter((value) => !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))).toEqual([])
        expect(own).not.toBe(NO_SESSION)
        expect(number).toBeGreaterThan(0)
        expect(echo === NO_SESSION).toBe(told.counter === 0)
      }),
      { numRuns: 2_000 },
    )
    expect(outcomes).toEqual(new Set(['a beat', 'malformed']))
  })

  it.each([
    { what: 'no session', offset: 32, bytes: '0000000000000000' },
    { what: 'counter 0', offset: 40, bytes: '0000000000000000' },
    { what: 'a counter that a number cannot hold', offset: 40, bytes: '0020000000000000' },
    { what: 'an age that a number cannot hold', offset: 64, bytes: 'ffffffffffffffff' },
    { what: 'an echo without having heard anything', offset: 56, bytes: '0000000000000000' },
    { what: 'no echo though something was heard', offset: 48, bytes: '0000000000000000' },
  ])('with $what is malformed', ({ offset, bytes }) => {
    const packet = Buffer.from(signed())
    packet.write(bytes, offset, 'hex')
    expect(decodeBeat(packet)).toEqual({ ok: false, reason: 'malformed' })
  })

  it.each([
    { offset: 0, reason: 'not-a-heartbeat' },
    { offset: 1, reason: 'not-a-heartbeat' },
    { offset: 2, reason: 'wrong-version' },
  ])('with another byte $offset: $reason', ({ offset, reason }) => {
    const packet = signed()
    packet[offset] = 99
    expect(decodeBeat(packet)).toEqual({ ok: false, reason })
  })

  it('says after the way what it said before, to the microsecond', () => {
    const keyId = fc.integer({ min: 1, max: 255 })
    fc.assert(
      fc.property(
        anyBeat,
        keyId,
        fc.boolean(),
        id,
        id,
        id,
        session,
        counter,
        agoMs,
        (told, key, goodbye, from, to, path, own, number, ago) => {
          const pathHeard = { counter: number, agoMs: ago }
          const sent = { keyId: key, goodbye, from, to, path, session: own, counter: number, pathHeard, ...told }
          expect(decodeBeat(encodeBeat(sent, () => new Uint8Array(16)))).toEqual({ ok: true, beat: sent })
        },
      ),
    )
  })

  it('ignores flags and reserved bytes that a later version may use', () => {
    const packet = signed()
    packet.set([0b1111_1110, 1, 2, 3], 4)
    expect(decodeBeat(packet)).toEqual({ ok: true, beat: beat() })
  })

  it('sends an age that is none as 0, and one without end as the longest', () => {
    const decoded = decodeBeat(signed({ heard: { counter: 1, agoMs: -5 }, pathHeard: { counter: 1, agoMs: 1e300 } }))
    expect(decoded).toMatchObject({ ok: true, beat: { heard: { agoMs: 0 }, pathHeard: { agoMs: Number.MAX_SAFE_INTEGER / 1_000 } } })
  })

  it('has the documented layout', () => {
    const name = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
    const body = [
      '4853 01 07 01 000000',
      name('a'),
      name('b'),
      name('1'),
      'aaaaaaaaaaaaaaaa 00000000000003e8',
      'bbbbbbbbbbbbbbbb 00000000000001f4 0000000000004e20',
      '00000000000001f3 000000000001d6b4',
    ]
      .join('')
      .replaceAll(' ', '')
    const key = Buffer.from(hkdfSync('sha256', 'the secret of the first key', 'hotspare', 'heartbeat v1', 32))
    const mac = createHmac('sha256', key).update(Buffer.from(body, 'hex')).digest('hex').slice(0, 32)
    expect(Buffer.from(encodeBeat(beat({ goodbye: true }), (bytes) => keyRing.sign(bytes))).toString('hex')).toBe(body + mac)
  })
})
