import { seededRandom, sleep } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { expect, it } from 'vitest'
import { tokenFaults } from '../logged.ts'
import { randomSchedule } from './schedule.ts'
import { otherThan, seenSince, SHORT, startHotspare } from './start.ts'

/** The whole form, 50, takes about half an hour. */
const SCHEDULES = Number(process.env['HOTSPARE_LAB_SCHEDULES'] ?? (SHORT ? 1 : 5))
const FAULTS = 4

it.for(Array.from({ length: SCHEDULES }, (_, index) => index + 1))(
  'V18: one holder at any instant, growing tokens, and one holder in the end; schedule %i',
  { timeout: 300_000 },
  async (seed, context) => {
    const schedule = randomSchedule(seededRandom(seed), FAULTS)
    await context.annotate(schedule.map(({ fault, lastsMs }) => `${fault.name} (${lastsMs} ms)`).join(', '))
    const { site, system } = await startHotspare(context, { policy: 'release', arbiter: 'etcd' })
    await site.settled()
    const fromMs = sharedMs()
    for (const { fault, lastsMs } of schedule) {
      // Healed, and yet not at rest: the next one may meet a site that is still at work.
      const holder = site.holders()[0] ?? 'node1'
      const scene = { system, site, holder, other: otherThan(holder) }
      await fault.inject(scene)
      await sleep(lastsMs)
      await fault.heal(scene)
    }
    await site.settled()
    await sleep(system.unrestMs)
    await site.settled()

    const { overlaps, takeovers } = seenSince(site, fromMs)
    await context.annotate(`${takeovers} takeovers`)
    expect(overlaps).toEqual([])
    expect(tokenFaults(system.allLogs())).toEqual([])
  },
)
