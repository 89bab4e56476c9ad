import { clusterStatusSchema } from '@hotspare/api'
import { systemClock } from '@hotspare/core'
import { memorySegment } from '@hotspare/vip/memory'
import { describe, expect, it } from 'vitest'
import { until } from '../api-server.fixture.ts'
import { configOf, freePeerPort, makeNode, type SiteFile, startWitness, temporaryFolder } from './two-nodes.fixture.ts'

const OTHER = '10.0.0.101'
/** It prefers the other node, and that counts for nothing. */
const CACHE = `  cache:
    members: [web-2, web-1]
    with: shop
    onControlLoss: release
    check: { type: tcp, address: "127.0.0.1:9" }
    resources: [{ type: vip, address: ${OTHER}, interface: eth0 }]
`

describe('two services that go together, with real peers and a real witness', () => {
  it(
    'begin on one node, follow a switchover of people, refuse to part, and are told as the API promises',
    { timeout: 60_000 },
    async () => {
      const ports: SiteFile['ports'] = [await freePeerPort(), await freePeerPort()]
      const file: SiteFile = { ports, arbiter: await startWitness(), policy: 'release', more: CACHE }
      const segment = memorySegment(systemClock)
      const one = makeNode(await configOf('web-1', file, await temporaryFolder()), segment, '02:00:00:00:00:01')
      const two = makeNode(await configOf('web-2', file, await temporaryFolder()), segment, '02:00:00:00:00:02')
      await Promise.all([one.part.start(), two.part.start()])
      const cacheOn = (mac: string) => segment.holders(OTHER).length === 1 && segment.holders(OTHER)[0] === mac
      await until(() => one.role() === 'active' && cacheOn(one.mac), 'both are on the first node')

      const parted = await one.control.backend.command('cache', { type: 'switchover', to: 'web-2' })
      expect(parted).toMatchObject({ ok: false, because: expect.stringContaining('it goes with shop, which is active on web-1') })
      const wire: unknown = JSON.parse(JSON.stringify(one.control.status()))
      expect(clusterStatusSchema.parse(wire)).toEqual(wire)
      // Both would leave, and there is room for both.
      const { departure } = await one.control.backend.plan('shop', 'web-2')
      expect(departure?.departures.map(({ service, to }) => `${service} to ${to}`)).toEqual(['shop to web-2', 'cache to web-2'])

      expect(await one.control.backend.command('shop', { type: 'switchover', to: 'web-2' })).toMatchObject({ ok: true })
      await until(() => two.role() === 'active' && cacheOn(two.mac), 'both are on the second node')
      expect(await two.control.backend.command('shop', { type: 'switchover' })).toMatchObject({ ok: true })
      await until(() => one.role() === 'active' && cacheOn(one.mac), 'both are back')
    },
  )
})
