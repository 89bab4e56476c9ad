import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNewerSerial, newestSerial, serialDistance } from './serial.ts'

const serial = fc.nat({ max: 4_294_967_295 })

describe('serialDistance', () => {
  it('takes the serial after the turn of 2^32 as the newer one', () => {
    expect(serialDistance(4_294_967_295, 1)).toBe(2)
    expect(serialDistance(1, 4_294_967_295)).toBe(-2)
  })

  it('is the same in both directions, but for the sign', () => {
    fc.assert(
      fc.property(serial, fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }), (from, distance) => {
        const to = (from + distance + 4_294_967_296) % 4_294_967_296
        expect(serialDistance(from, to)).toBe(distance)
        expect(serialDistance(to, from)).toBe(distance === 0 ? 0 : -distance)
      }),
    )
  })
})

describe('isNewerSerial', () => {
  // RFC 1982, 3.2 and 7.
  it.each([
    [0, 0, false],
    [1, 0, true],
    [0, 1, false],
    [0, 0xffff_ffff, true],
    [0x7fff_ffff, 0, true],
    [0x8000_0000, 0, false],
    [44, 0xffff_ff00, true],
    [100, 0xffff_ff00, true],
    [0xffff_ff00, 100, false],
  ])('%i after %i: %s', (later, than, newer) => {
    expect(isNewerSerial(later, than)).toBe(newer)
  })
})

describe('newestSerial', () => {
  it('knows none where no server told one', () => {
    expect(newestSerial([undefined, undefined])).toBeUndefined()
  })

  it('finds the newest across the turn of 2^32, whatever the order', () => {
    expect(newestSerial([4_294_967_290, undefined, 3, 4_294_967_295])).toBe(3)
    expect(newestSerial([3, 4_294_967_295])).toBe(3)
  })
})
