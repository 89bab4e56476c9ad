import { describe, expect, it } from 'vitest'
import { ovhSignature } from './ovh.ts'

describe('ovhSignature', () => {
  it('is the SHA-1 of secrets, request and time, joined by plus signs', () => {
    const url = 'https://eu.api.ovh.com/1.0/domains/'
    const parts = { applicationSecret: 'EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF', consumerKey: 'MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1' }
    // The example of OVHcloud's guide: First steps with the API.
    expect(ovhSignature({ ...parts, method: 'GET', url, body: '', timestamp: 1_366_560_945 })).toBe(
      '$1$d3705e8afb27a0d2970a322b96550abfc67bb798',
    )
  })
})
