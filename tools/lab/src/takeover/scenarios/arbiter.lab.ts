import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { seenSince, SHORT, startHotspare } from './start.ts'

/** An etcd of three elects anew after 1 to 2 s, or twice that when two stand at once: the lease has to outlast that, and a call in vain. */
const TTL_MS = 8_000
const policies = SHORT ? (['release'] as const) : (['keep', 'release'] as const)

it.for(policies)(
  'V12: an etcd of three whose leader stands still costs nobody his right, policy "%s"',
  { timeout: 120_000 },
  async (policy, context) => {
    const { site, system } = await startHotspare(context, { policy, arbiter: 'etcd-3', ttlMs: TTL_MS }, 'curl')
    const holder = await site.settled()
    const leader = system.etcd().leader()
    const fromMs = sharedMs()
    leader.child.kill('SIGSTOP')
    await sleep(TTL_MS + 3_000)
    expect(site.holders()).toEqual([holder])
    leader.child.kill('SIGCONT')
    await sleep(2_000)

    expect(seenSince(site, fromMs)).toEqual({ takeovers: 0, failed: 0, overlaps: [] })
    expect(system.log(holder)).not.toContain('"type":"lease-ended"')
    // Somebody else leads by now, and it was noticed.
    expect(system.etcd().leader()).not.toBe(leader)
  },
)
