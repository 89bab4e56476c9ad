import { describe, expect, it, type TestContext } from 'vitest'
import { needLab } from '../network.ts'
import { killed, nothing, partitioned, paused, powerLoss, serviceKilled, stopped, switchover } from './faults.ts'
import { createKeepalived } from './keepalived.ts'
import { mediansOf } from './medians.ts'
import { type FailoverSystem, type Fault, measure, type Measurement } from './scenario.ts'
import { createSite, sitePrograms } from './site.ts'

const ROUNDS = process.env['HOTSPARE_LAB_SHORT'] === '1' ? 1 : 5

describe.for([1, 0.1] as const)('keepalived with adverts each %s s, to compare with', (advertSeconds) => {
  it.for([switchover, stopped, serviceKilled, powerLoss])(
    '$name: the other node takes over',
    { timeout: 300_000 },
    async (fault, context) => {
      for (const { holders, holderBefore, answered } of await rounds(context, createKeepalived(advertSeconds), fault)) {
        expect(holders).toEqual([holderBefore === 'node1' ? 'node2' : 'node1'])
        expect(answered.at(-1)).toBe(holders[0])
      }
    },
  )
})

describe('the observers', () => {
  it('see one holder, and the client no failure, while nothing happens', { timeout: 300_000 }, async (context) => {
    for (const measurement of await rounds(context, createKeepalived(1), nothing)) {
      expect(measurement).toMatchObject({ holders: ['node1'], answered: ['node1'], failed: 0, overlaps: [] })
    }
  })

  const faults = [killed('all'), paused('all', 3_000), partitioned('peer')]

  it.for(faults)('see the two holders that keepalived leaves, $name', { timeout: 300_000 }, async (fault, context) => {
    for (const { overlaps, bothHadItMs } of await rounds(context, createKeepalived(0.1), fault)) {
      expect(overlaps.length).toBeGreaterThan(0)
      expect(bothHadItMs).toBeGreaterThan(0)
    }
  })
})

async function rounds(context: TestContext, system: FailoverSystem, fault: Fault): Promise<readonly Measurement[]> {
  needLab(context, ...sitePrograms, 'keepalived', 'curl')
  const site = await createSite()
  await system.start(site)
  const measured: Measurement[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const measurement = await measure(system, site, fault)
    measured.push(measurement)
    await context.annotate(`round ${round}: ${JSON.stringify(measurement)}`)
  }
  await context.annotate(`${system.name}, ${fault.name}, medians of ${ROUNDS}: ${JSON.stringify(mediansOf(measured))}`)
  return measured
}
