import fc from 'fast-check'
import { expect, it } from 'vitest'
import { missingCapabilities } from './capabilities.ts'

it.each([
  ['CapEff:\t000001ffffffffff', []],
  ['Name:\tnode\nCapEff:\t0000000000003000\nCapBnd:\t0', []],
  ['CapEff:\t0000000000001000', ['CAP_NET_RAW']],
  ['CapEff:\t0000000000002000', ['CAP_NET_ADMIN']],
  ['CapEff:\t0000000000000000', ['CAP_NET_ADMIN', 'CAP_NET_RAW']],
  ['CapPrm:\t0000000000000000', []],
  ['', []],
])('finds in %j what is missing', (status, missing) => {
  expect(missingCapabilities(status)).toEqual(missing)
})

it('reads whatever stands there', () => {
  fc.assert(
    fc.property(fc.string(), (status) => {
      expect(missingCapabilities(status).length).toBeLessThanOrEqual(2)
    }),
  )
})
