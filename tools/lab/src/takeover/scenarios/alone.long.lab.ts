import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { nodeNames } from '../site.ts'
import { startHotspare } from './start.ts'

it.for(['keep', 'release'] as const)(
  'V13: a standby that starts alone after both have died claims nothing until the arbiter answers, policy "%s"',
  { timeout: 120_000 },
  async (policy, context) => {
    const { site, system } = await startHotspare(context, { policy, arbiter: 'etcd' })
    await site.settled()
    for (const node of nodeNames) site.powerOff(node)
    site.machines.arbiter.unplug()
    await site.powerOn('node2')
    const fromMs = sharedMs()
    await system.startNode(site, 'node2')
    await sleep(8_000)
    expect(site.addressSpans('node2').filter(({ toMs }) => toMs > fromMs)).toEqual([])
    expect(site.claims().filter(({ atMs }) => atMs > fromMs)).toEqual([])

    site.machines.arbiter.plug()
    expect(await site.settled()).toBe('node2')
  },
)
