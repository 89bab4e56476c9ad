import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNewerSerial } from '../serial.ts'
import { nextSerial } from './next-serial.ts'

describe('nextSerial', () => {
  it.each([
    ['the first is the time', undefined, 1_000],
    ['the time where it is newer', 999, 1_000],
    ['one more in the same second', 1_000, 1_001],
    ['one more where the clock has gone back', 5_000, 5_001],
  ])('%s', (_, current, expected) => {
    expect(nextSerial(current, 1_000_999)).toBe(expected)
  })

  it('goes on past the end of the circle', () => {
    expect(nextSerial(0xffff_ffff, 0xffff_ffff * 1_000)).toBe(0)
  })

  it('is always newer than the one before', () => {
    const serial = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(serial, fc.nat(2 ** 45), (current, wallMs) => {
        expect(isNewerSerial(nextSerial(current, wallMs), current)).toBe(true)
      }),
    )
  })
})
