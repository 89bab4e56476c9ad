import { describe, expect, it, type TestContext } from 'vitest'
import { needLab, removeNetworks } from '../../network.ts'
import { heavyLoad, paused } from '../faults.ts'
import { createHotspare, type Hotspare } from '../hotspare.ts'
import { createKeepalived } from '../keepalived.ts'
import { eventsIn } from '../logged.ts'
import { type FailoverSystem, type Fault, measure, type Measurement } from '../scenario.ts'
import { createSite, sitePrograms } from '../site.ts'

const BURN_MS = 60_000
const FREEZE_MS = 100
const FREEZES = 7
const LONGEST_GAP_MS = 500

const keepalived = () => createKeepalived(0.01)
/** Its check is as patient as keepalived's: a service that is starved itself is no false alarm, and not what is asked here. */
const patient = { checkIntervalMs: 1_000 } as const
const fast = { ...patient, heartbeatIntervalMs: 20 } as const
const fastOnes = [
  () => createHotspare({ ...fast, policy: 'keep', arbiter: 'etcd', ttlMs: 500 }),
  () => createHotspare({ ...fast, policy: 'release', arbiter: 'etcd', ttlMs: 500 }),
  () => createHotspare({ ...fast, policy: 'keep', arbiter: 'none' }),
]

describe('while every core burns for a minute', () => {
  it.for(['keep', 'release'] as const)(
    'nothing moves with beats each 100 ms, policy "%s"',
    { timeout: 300_000 },
    async (policy, context) => {
      const system = createHotspare({ ...patient, policy, arbiter: 'etcd', ttlMs: 2_000 })
      const [measured] = await run(context, system, heavyLoad(BURN_MS), 1)
      expect(measured).toMatchObject({ takeovers: 0, overlaps: [] })
    },
  )

  it('no more is taken over with beats each 20 ms than by keepalived with adverts each 10 ms', { timeout: 900_000 }, async (context) => {
    const [peer] = await run(context, keepalived(), heavyLoad(BURN_MS), 1)
    for (const create of fastOnes) {
      const [ours] = await run(context, create(), heavyLoad(BURN_MS), 1)
      expect(ours?.takeovers).toBeLessThanOrEqual(peer?.takeovers ?? 0)
    }
  })
})

describe('a daemon that stands still for 100 ms, with beats each 20 ms', () => {
  it(`keeps its address, or hands it over cleanly within ${LONGEST_GAP_MS} ms`, { timeout: 1_200_000 }, async (context) => {
    // For the record: its figures are beside ours.
    await run(context, keepalived(), paused('all', FREEZE_MS), FREEZES)
    for (const create of fastOnes) {
      for (const { gapMs, takeovers, overlaps } of await run(context, create(), paused('all', FREEZE_MS), FREEZES)) {
        expect(takeovers).toBeLessThanOrEqual(1)
        expect(gapMs).toBeLessThan(LONGEST_GAP_MS)
        expect(overlaps).toEqual([])
      }
    }
  })
})

/** A system, and what it has to say about why it moved. */
type Talkative = FailoverSystem & Partial<Pick<Hotspare, 'allLogs'>>

async function run(context: TestContext, system: Talkative, fault: Fault, rounds: number): Promise<readonly Measurement[]> {
  needLab(context, ...sitePrograms, 'keepalived', 'curl', 'etcd', 'stress-ng')
  const site = await createSite()
  await system.start(site)
  const measured: Measurement[] = []
  for (let round = 0; round < rounds; round++) measured.push(await measure(system, site, fault, { quietMs: 500, watchMs: 4_000 }))
  const figures = measured.map(({ gapMs, failed, takeovers }) => `${takeovers} takeovers, ${gapMs} ms, ${failed} failed`)
  await context.annotate(`${fault.name}: ${system.name}: ${figures.join('; ')}`)
  for (const { type, because } of eventsIn(system.allLogs?.() ?? ''))
    if (type === 'plan-started') await context.annotate(`it moved: ${because}`)
  removeNetworks()
  return measured
}
