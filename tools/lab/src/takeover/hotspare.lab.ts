import { describe, expect, it, type TestContext } from 'vitest'
import { needLab } from '../network.ts'
import { arbiterDown, killed, linkDown, oneWay, partitioned, paused, powerLoss, serviceKilled, stopped, switchover } from './faults.ts'
import { createHotspare, type Hotspare, type HotspareSetup } from './hotspare.ts'
import { type Fault, measure, type Measurement } from './scenario.ts'
import { createSite, sitePrograms, type Site } from './site.ts'

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'
/** Long enough for a lease to run out and be taken over, and for everybody to notice. */
const WATCH_MS = 5_000
const ARBITERS = { keep: 'etcd', release: 'postgres' } as const

type Policy = HotspareSetup['policy']

/** What a fault must not do to a site, beyond what {@link measure} demands of every one: a single holder that serves, in the end. */
interface Demand {
  readonly fault: Fault
  /** The holder stays who it is, and no client notices, under these policies. */
  readonly unnoticed?: readonly Policy[] | undefined
  /** The other node has it before the healing. */
  readonly moves?: readonly Policy[] | undefined
  readonly watchMs?: number | undefined
  /** The policy under which it is in the short form too. */
  readonly short?: Policy | undefined
}

const both = ['keep', 'release'] as const

const demands: readonly Demand[] = [
  { fault: killed('control'), short: 'keep', unnoticed: both },
  { fault: killed('guard'), unnoticed: ['keep'] },
  { fault: killed('all'), short: 'release', unnoticed: ['keep'], moves: ['release'] },
  { fault: serviceKilled, short: 'keep', moves: both },
  { fault: paused('all', 3_000), unnoticed: ['keep'], moves: ['release'] },
  { fault: stopped, short: 'release', moves: both },
  { fault: linkDown, moves: both },
  { fault: powerLoss, short: 'keep', moves: both },
  { fault: partitioned('peer'), unnoticed: both },
  { fault: partitioned('arbiter'), unnoticed: ['keep'], moves: ['release'] },
  { fault: partitioned('both'), moves: ['release'] },
  { fault: oneWay('to the peer'), unnoticed: both },
  { fault: oneWay('from the peer'), unnoticed: both },
  { fault: arbiterDown, unnoticed: ['keep'], watchMs: SHORT ? 5_000 : 30_000 },
  { fault: switchover, moves: both },
]

describe.for(both)('a service with the policy "%s"', (policy) => {
  it.for(demands.filter(({ short }) => short === policy || !SHORT))(
    '$fault.name',
    { timeout: 180_000 },
    async ({ fault, unnoticed, moves, watchMs = WATCH_MS }, context) => {
      const { site, system } = await start(context, { policy, arbiter: ARBITERS[policy] })
      const measurement = await measure(system, site, fault, { quietMs: 500, watchMs })
      await annotate(context, system, measurement)
      expect(violations(policy, { unnoticed, moves }, measurement)).toEqual([])
    },
  )

  it.for(SHORT ? [] : ['a preferred node that is well again gets it back when people say so'])(
    '%s',
    { timeout: 180_000 },
    async (_, context) => {
      const { site, system } = await start(context, { policy, arbiter: 'witness' })
      const there = await measure(system, site, switchover, { quietMs: 500, watchMs: 2_000 })
      const back = await measure(system, site, switchover, { quietMs: 500, watchMs: 2_000 })
      await annotate(context, system, there)
      await annotate(context, system, back)
      expect([there.holderAfter, back.holderAfter]).toEqual(['node2', 'node1'])
      expect([there, back].flatMap((measurement) => violations(policy, { moves: both }, measurement))).toEqual([])
    },
  )
})

/** What of a demand was not met. */
function violations(policy: Policy, { unnoticed, moves }: Omit<Demand, 'fault'>, measurement: Measurement): readonly string[] {
  const { holderBefore, holders, holderAfter, failed, answered, overlaps } = measurement
  const all = [
    policy === 'release' && overlaps.length > 0 ? `two holders at once: ${JSON.stringify(overlaps)}` : '',
    unnoticed?.includes(policy) && (failed > 0 || answered.join() !== holderBefore)
      ? `clients noticed: ${failed} failed, ${answered.join()} answered`
      : '',
    unnoticed?.includes(policy) && holderAfter !== holderBefore ? `it moved to ${holderAfter}` : '',
    moves?.includes(policy) && (holders.length !== 1 || holders[0] === holderBefore)
      ? `it did not move: ${holders.join() || 'nobody'}`
      : '',
  ]
  return all.filter((each) => each !== '')
}

async function start(context: TestContext, setup: HotspareSetup): Promise<{ readonly site: Site; readonly system: Hotspare }> {
  needLab(context, ...sitePrograms, 'etcd')
  const site = await createSite()
  const system = createHotspare(setup)
  await system.start(site)
  return { site, system }
}

async function annotate(context: TestContext, system: Hotspare, measurement: Measurement): Promise<void> {
  await context.annotate(`${system.name}: ${JSON.stringify(measurement)}`)
}
