// The embedded server as a user would have it; each message of the bench is the address that the follower has from then on.
import { createDnsServer } from '@hotspare/dns/server'
import { BENCH_ZONE, FOLLOWER, FOLLOWER_TTL_SECONDS, hosts, PRIMARY } from '../bench-zone.ts'

const follower = (address: string) => ({ name: FOLLOWER, type: 'A', ttlSeconds: FOLLOWER_TTL_SECONDS, values: [address] })
const server = createDnsServer({
  zones: [
    {
      name: BENCH_ZONE,
      nameServers: [`ns1.${BENCH_ZONE}`],
      records: [
        { name: `ns1.${BENCH_ZONE}`, type: 'A', ttlSeconds: 3_600, values: ['127.0.0.1'] },
        follower(PRIMARY),
        ...hosts().map(({ name, address }) => ({ name, type: 'A', ttlSeconds: 300, values: [address] })),
      ],
    },
  ],
  listen: [{ address: '127.0.0.1', port: Number(process.argv[2]) }],
  // It counts every answer as it does in life; one client that asks a hundred thousand times a second is not what it is for.
  rateLimit: { perSecond: 1e9 },
})
await server.start()
process.on('message', (address) => void server.set(BENCH_ZONE, [follower(String(address))]))
process.on('disconnect', () => process.exit())
