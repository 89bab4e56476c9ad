import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { eventsIn } from '../logged.ts'
import { nodeNames } from '../site.ts'
import { otherThan, seenSince, startHotspare } from './start.ts'

const HOUR_MS = 3_600_000
const WATCH_MS = 6_000
/** A tenth of a second for each jump, of 200 connections a second. */
const MOST_FAILED = 80

it.for(['keep', 'release'] as const)(
  'V10: a wall clock that jumps by an hour, there or back, moves nothing with the policy "%s"',
  { timeout: 120_000 },
  async (policy, context) => {
    const { site, system } = await startHotspare(context, { policy, arbiter: 'etcd' }, 'faketime')
    const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1')
    const clockOf = (node: (typeof nodeNames)[number]) => join(site.machines[node].folder, 'clock')
    for (const node of nodeNames) {
      writeFileSync(clockOf(node), '+0s\n')
      await system.stop(node)
      const env = {
        LD_PRELOAD: library ?? '',
        FAKETIME_TIMESTAMP_FILE: clockOf(node),
        FAKETIME_NO_CACHE: '1',
        // A date that is set leaves the other clocks as they are.
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      }
      await system.startNode(site, node, { env })
    }
    const holder = await site.settled()
    const fromMs = sharedMs()
    for (const [node, jump] of [
      [holder, '+1h'],
      [otherThan(holder), '-1h'],
      [holder, '-1h'],
      [otherThan(holder), '+1h'],
    ] as const) {
      writeFileSync(clockOf(node), `${jump}\n`)
      await sleep(WATCH_MS)
    }

    const { failed, ...seen } = seenSince(site, fromMs)
    await context.annotate(`${failed} connections failed`)
    expect(seen).toEqual({ takeovers: 0, overlaps: [] })
    // A holder whose clock has jumped asks the arbiter whether its right is left; with `release` it refuses until then.
    expect(failed).toBeLessThanOrEqual(policy === 'keep' ? 0 : MOST_FAILED)
    expect(site.holders()).toEqual([holder])
    // The clocks have jumped, and the nodes still agree on what to do.
    await system.switchover(otherThan(holder))
    const moved = eventsIn(system.log(otherThan(holder))).findLast(({ type }) => type === 'vip-claimed')
    expect((moved?.at ?? 0) - Date.now()).toBeGreaterThan(0.9 * HOUR_MS)
  },
)
