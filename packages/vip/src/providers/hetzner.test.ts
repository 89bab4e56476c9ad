import { describe, it } from 'vitest'
import { ALIAS, FLOATING_IP, HETZNER_TOKEN, hetznerStandIn, NETWORK } from './hetzner.fixture.ts'
import { hetznerAliasIp, hetznerFloatingIp } from './hetzner.ts'
import { describeProviderContract } from './testing/index.ts'

describeProviderContract(
  { describe, it },
  {
    title: 'a floating IP of Hetzner Cloud',
    async open() {
      const { url: endpoint, standIn } = await hetznerStandIn('floating')
      return {
        standIn,
        open: (clock) => hetznerFloatingIp({ floatingIp: FLOATING_IP, token: HETZNER_TOKEN, endpoint, clock }),
        targets: { 'web-1': '101', 'web-2': '102', stranger: '999' },
        keepsToken: true,
        secrets: [HETZNER_TOKEN],
      }
    },
  },
)

describeProviderContract(
  { describe, it },
  {
    title: 'an alias IP of Hetzner Cloud',
    async open() {
      const { url: endpoint, standIn } = await hetznerStandIn('alias')
      return {
        standIn,
        open: (clock) => hetznerAliasIp({ network: NETWORK, address: ALIAS, token: HETZNER_TOKEN, endpoint, clock }),
        targets: { 'web-1': '101', 'web-2': '102', stranger: undefined },
        keepsToken: false,
        secrets: [HETZNER_TOKEN],
      }
    },
  },
)
