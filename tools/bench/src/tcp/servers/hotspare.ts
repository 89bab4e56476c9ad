// Hotspare's proxy of TCP as a user would have it: a pool of two, and someone who listens to the events.
import { createPool, leastRequest } from '@hotspare/balance'
import { createTcpProxy, type TcpProxyEvent } from '@hotspare/proxy/tcp'
import { siteArguments } from '../../proxy/servers/site-arguments.ts'

const { port, origins } = siteArguments()
const pool = createPool({ targets: origins.map((url, index) => ({ id: `origin-${index}`, url })), algorithm: leastRequest() })
for (const { id } of pool.snapshot()) pool.setState(id, 'up')

const counts: Record<TcpProxyEvent['type'], number> = { 'attempt-finished': 0, 'connection-retried': 0, 'connection-finished': 0 }
const proxy = createTcpProxy({ port, pick: ({ exclude }) => pool.pick({ exclude }) })
proxy.subscribe((event) => {
  counts[event.type] += 1
})
await proxy.start()
