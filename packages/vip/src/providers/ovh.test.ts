import { describe, expect, it } from 'vitest'
import { OVH, OVH_IP, ovhStandIn } from './ovh.fixture.ts'
import { ovhIp, ovhSignature } from './ovh.ts'
import { describeProviderContract } from './testing/index.ts'

describeProviderContract(
  { describe, it },
  {
    title: 'an Additional IP of OVHcloud',
    async open() {
      const { url: endpoint, standIn } = await ovhStandIn()
      return {
        standIn,
        open: (clock) => ovhIp({ address: OVH_IP, ...OVH, endpoint, clock }),
        targets: { 'web-1': 'ns1.ip-203-0-113.eu', 'web-2': 'ns2.ip-203-0-113.eu', stranger: 'ns9.ip-203-0-113.eu' },
        keepsToken: false,
        secrets: [OVH.applicationSecret, OVH.consumerKey],
      }
    },
  },
)

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
