// Hotspare's own proxy as a user would have it: a pool of two, retries on by default, and someone who listens to the events.
import { createPool, leastRequest } from '@hotspare/balance'
import { createProxy, type ProxyEvent } from '@hotspare/proxy'
import { siteArguments } from './site-arguments.ts'

const { port, origins } = siteArguments()
const pool = createPool({ targets: origins.map((url, index) => ({ id: `origin-${index}`, url })), algorithm: leastRequest() })
for (const { id } of pool.snapshot()) pool.setState(id, 'up')

const counts: Record<ProxyEvent['type'], number> = { 'attempt-finished': 0, 'request-retried': 0, 'request-finished': 0 }
const proxy = createProxy({ port, pick: (context) => pool.pick(context) })
proxy.subscribe((event) => {
  counts[event.type] += 1
})
await proxy.start()
