import { sleep } from '@hotspare/core'
import { expect, it } from 'vitest'
import { eventsIn } from '../logged.ts'
import { nodeNames, VIP } from '../site.ts'
import { startHotspare } from './start.ts'

// A node that gives up after three refusals hands over to the other one, which must not take that for a proof that nobody has it.
it('V16: nor by the standby, when the node that was refused hands over to it', { timeout: 120_000 }, async (context) => {
  const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
  await site.settled()
  // The other node first: nobody is there to hand over to.
  for (const node of ['node2', 'node1'] as const) await system.stop(node)
  site.machines.arbiter.execute('ip', ['address', 'add', `${VIP}/32`, 'dev', 'eth0'])
  for (const node of nodeNames) await system.startNode(site, node)
  await sleep(6_000)
  expect(nodeNames.flatMap((node) => eventsIn(system.log(node))).map(({ type }) => type)).not.toContain('vip-claimed')
})
