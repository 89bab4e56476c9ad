import { googleKeyFile, googleTestAccount } from '@hotspare/cloud/testing'
import { describe, it } from 'vitest'
import { GOOGLE, googleStandIn } from './google.fixture.ts'
import { aliasIp, googleRoute } from './google.ts'
import { describeProviderContract } from './testing/index.ts'

const { project, zone } = GOOGLE
const members = { 'web-1': `${zone}/web-1`, 'web-2': `${zone}/web-2` }

describeProviderContract(
  { describe, it },
  {
    title: 'a route at Google Cloud with the key of a service account',
    async open() {
      const { url, standIn, granted } = await googleStandIn('route')
      const { privateKey } = googleTestAccount()
      const options = { project, name: GOOGLE.route, network: GOOGLE.network, address: GOOGLE.routed, key: googleKeyFile(url) }
      return {
        standIn,
        open: (clock) => googleRoute({ ...options, endpoint: `${url}/compute/v1`, clock }),
        targets: { ...members, stranger: `${zone}/db-9` },
        keepsToken: true,
        secrets: [granted[0] ?? 'ya29-secret', privateKey, privateKey.split('\n')[3] ?? ''],
      }
    },
  },
)

describeProviderContract(
  { describe, it },
  {
    title: 'an alias IP at Google Cloud with the account of the instance',
    async open() {
      const { url, standIn } = await googleStandIn('alias')
      const options = { project, address: GOOGLE.alias, metadataEndpoint: url }
      return {
        standIn,
        open: (clock) => aliasIp({ ...options, endpoint: `${url}/compute/v1`, clock }),
        targets: { ...members, stranger: undefined },
        keepsToken: false,
        secrets: ['ya29-secret'],
      }
    },
  },
)
