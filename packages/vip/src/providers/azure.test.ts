import { describe, it } from 'vitest'
import { AZURE, azureStandIn } from './azure.fixture.ts'
import { azureIpConfiguration } from './azure.ts'
import { describeProviderContract } from './testing/index.ts'

const { client, ...place } = AZURE
const targets = { 'web-1': 'nic-1', 'web-2': 'nic-2', stranger: undefined }

for (const [title, withClient] of [
  ['with a client and its secret', true],
  ['with a managed identity', false],
] as const) {
  describeProviderContract(
    { describe, it },
    {
      title: `an IP configuration at Azure ${title}`,
      async open() {
        const { url: endpoint, standIn, granted } = await azureStandIn()
        const who = withClient ? { client, loginEndpoint: endpoint } : { metadataEndpoint: endpoint }
        const secrets = [client.secret, granted[0] ?? 'eyJ-secret']
        return { standIn, open: (clock) => azureIpConfiguration({ ...place, ...who, endpoint, clock }), targets, keepsToken: true, secrets }
      },
    },
  )
}
