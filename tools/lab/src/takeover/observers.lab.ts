import { describe, expect, it, type TestContext } from 'vitest'
import { needLab } from '../network.ts'
import { killed, nothing, partitioned, paused } from './faults.ts'
import { createKeepalived } from './keepalived.ts'
import { type FailoverSystem, type Fault, measure, type Measurement } from './scenario.ts'
import { createSite, sitePrograms } from './site.ts'

// An oracle that never finds anything proves nothing: here it watches a system that is known to leave two holders.
const faults =
  process.env['HOTSPARE_LAB_SHORT'] === '1' ? [partitioned('peer')] : [killed('all'), paused('all', 3_000), partitioned('peer')]

describe('the observers', () => {
  it('see one holder, and the client no failure, while nothing happens', { timeout: 300_000 }, async (context) => {
    const measurement = await watch(context, createKeepalived(1), nothing)
    expect(measurement).toMatchObject({ holders: ['node1'], answered: ['node1'], failed: 0, overlaps: [] })
  })

  it.for(faults)('see the two holders that keepalived leaves, $name', { timeout: 300_000 }, async (fault, context) => {
    const { overlaps, bothHadItMs } = await watch(context, createKeepalived(0.1), fault)
    expect(overlaps.length).toBeGreaterThan(0)
    expect(bothHadItMs).toBeGreaterThan(0)
  })
})

async function watch(context: TestContext, system: FailoverSystem, fault: Fault): Promise<Measurement> {
  needLab(context, ...sitePrograms, 'keepalived', 'curl')
  const site = await createSite()
  await system.start(site)
  const measurement = await measure(system, site, fault)
  await context.annotate(`${system.name}: ${JSON.stringify(measurement)}`)
  return measurement
}
