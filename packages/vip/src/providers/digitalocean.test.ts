import { describe, it } from 'vitest'
import { DIGITALOCEAN_TOKEN, digitalOceanStandIn } from './digitalocean.fixture.ts'
import { reservedIp } from './digitalocean.ts'
import { describeProviderContract } from './testing/index.ts'

describeProviderContract(
  { describe, it },
  {
    title: 'a reserved IP of DigitalOcean',
    async open() {
      const { url, standIn } = await digitalOceanStandIn()
      return {
        standIn,
        open: (clock) => reservedIp({ address: '203.0.113.10', token: DIGITALOCEAN_TOKEN, endpoint: url, clock }),
        targets: { 'web-1': '101', 'web-2': '102', stranger: '999' },
        keepsToken: false,
        secrets: [DIGITALOCEAN_TOKEN],
      }
    },
  },
)
