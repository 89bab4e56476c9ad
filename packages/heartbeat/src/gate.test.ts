import { createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admit, type Admission, type GateRules } from './gate.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'
import { nameId } from './name-id.ts'
import { beat, keyRing, KEYS, signed } from './packet.fixture.ts'
import { encodeBeat, PACKET_BYTES } from './packet.ts'

const HERE = '127.0.0.1:7401'
const rules: GateRules<string> = {
  ownId: nameId('b'),
  peers: new Map([
    [
      nameId('a'),
      {
        peer: 'a',
        paths: new Map([
          [nameId('1'), { index: 0, boundTo: undefined }],
          [nameId('2'), { index: 1, boundTo: '127.0.0.2:7401' }],
        ]),
      },
    ],
  ]),
}

function tried(bytes: Uint8Array, keys: KeyRing = keyRing, arrivedAt = HERE): Admission<string> {
  return admit(bytes, arrivedAt, rules, keys)
}

describe('the gate', () => {
  it('drops a valid packet with any one bit flipped', () => {
    for (let bit = 0; bit < PACKET_BYTES * 8; bit++) {
      const packet = signed()
      packet[bit >> 3]! ^= 1 << (bit & 7)
      expect({ bit, ok: tried(packet).ok }).toEqual({ bit, ok: false })
    }
  })

  it('drops anything that nobody signed', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.uint8Array({ minLength: PACKET_BYTES, maxLength: PACKET_BYTES }),
      // As near as a forger gets: a real packet, with bytes changed as he likes.
      fc.tuple(fc.nat(PACKET_BYTES - 1), fc.uint8Array({ minLength: 1, maxLength: PACKET_BYTES })).map(([offset, bytes]) => {
        const packet = signed()
        packet.set(bytes.subarray(0, PACKET_BYTES - offset), offset)
        return packet
      }),
    )
    const genuine = Buffer.from(signed())
    fc.assert(
      fc.property(anything, (bytes) => {
        fc.pre(!genuine.equals(bytes))
        expect(tried(bytes).ok).toBe(false)
      }),
      { numRuns: 3_000 },
    )
  })

  it.each([
    { reason: 'unknown-key', packet: signed({ keyId: 8 }) },
    { reason: 'reflected', packet: signed({ from: nameId('b'), to: nameId('a') }) },
    { reason: 'not-for-us', packet: signed({ to: nameId('c') }) },
    { reason: 'unknown-peer', packet: signed({ from: nameId('c') }) },
    { reason: 'unknown-path', packet: signed({ path: nameId('3') }) },
    { reason: 'wrong-socket', packet: signed({ path: nameId('2') }) },
    { reason: 'bad-mac', packet: signed({}, createKeyRing([{ id: 7, secret: 'the secret of someone else' }])) },
  ])('drops it: $reason', ({ reason, packet }) => {
    expect(tried(packet)).toEqual({ ok: false, reason })
  })

  it('lets a beat of a peer in, and says who and where', () => {
    expect(tried(signed())).toEqual({ ok: true, beat: beat(), peer: 'a', path: 0 })
    expect(tried(signed({ path: nameId('2') }), keyRing, '127.0.0.2:7401')).toMatchObject({ ok: true, path: 1 })
  })

  it('rotates keys without a gap: old and new are taken, until the old one is gone', () => {
    const next = { id: 8, secret: 'the secret of the second key' }
    const rotating = createKeyRing([next, ...KEYS])
    const byOld = signed()
    const byNew = signed({}, rotating)
    expect([tried(byOld, rotating).ok, tried(byNew, rotating).ok]).toEqual([true, true])
    expect(tried(byNew, createKeyRing([...KEYS, next])).ok).toBe(true)
    expect(tried(byOld, createKeyRing([next]))).toEqual({ ok: false, reason: 'unknown-key' })
  })

  it('does not take a packet that is signed by the right secret for another purpose', () => {
    const signedFor = (purpose: string) => {
      const key = Buffer.from(hkdfSync('sha256', KEYS[0]!.secret, 'hotspare', purpose, 32))
      return encodeBeat(beat(), (body) => createHmac('sha256', key).update(body).digest().subarray(0, 16))
    }
    expect(tried(signedFor('heartbeat v1')).ok).toBe(true)
    for (const purpose of ['channel v1', 'witness v1', 'heartbeat v2', '']) {
      expect(tried(signedFor(purpose))).toEqual({ ok: false, reason: 'bad-mac' })
    }
    const bySecret = encodeBeat(beat(), (body) => createHmac('sha256', KEYS[0]!.secret).update(body).digest().subarray(0, 16))
    expect(tried(bySecret)).toEqual({ ok: false, reason: 'bad-mac' })
  })

  it('does not take one key for another', () => {
    const swapped = createKeyRing([{ id: 7, secret: 'the secret of the second key' }])
    expect(tried(signed(), swapped)).toEqual({ ok: false, reason: 'bad-mac' })
    expect(keyRing.verify(9, new Uint8Array(88), new Uint8Array(16))).toBe(false)
    expect(keyRing.verify(7, new Uint8Array(88), new Uint8Array(15))).toBe(false)
  })
})
