import { describe, it } from 'vitest'
import { OVH, OVH_IP, ovhStandIn } from './ovh.fixture.ts'
import { ovhIp } from './ovh.ts'
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
