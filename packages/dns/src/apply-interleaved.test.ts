import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ApplyWorld, leadsTo } from './apply-change.fixture.ts'
import { applyChange } from './apply-change.ts'
import type { DnsProvider } from './provider.ts'

/** A client whose calls arrive, and are answered, in whatever order a schedule says. */
function interleaved(world: ApplyWorld, schedule: fc.Scheduler): DnsProvider {
  const zone = world.zone.connect()
  const arrive = (what: string) => schedule.schedule(Promise.resolve(), what)
  return {
    ...zone,
    async read(question, options) {
      await arrive(`read ${question.type}`)
      const reading = await zone.read(question, options)
      await arrive('its answer')
      return reading
    },
    async change(replacements, options) {
      await arrive('change')
      const outcome = await zone.change(replacements, options)
      await arrive('its answer')
      return outcome
    },
  }
}

/** Lets one thing after the other happen; where nothing is left but waiting, time passes. */
async function inSomeOrder(world: ApplyWorld, schedule: fc.Scheduler, both: Promise<unknown>): Promise<void> {
  const progress = { isOver: false }
  both.then(
    () => (progress.isOver = true),
    () => (progress.isOver = true),
  )
  while (!progress.isOver) {
    if (schedule.count() > 0) await schedule.waitOne()
    else await world.clock.advance(50)
  }
  await both
}

it.each([
  ['exact, in one step', {}],
  ['etag, one by one', { compareAndSwap: 'etag', atomicBatch: false }],
] as const)('of two controllers in any order the newer right has it in the end (%s)', async (_, options) => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (schedule) => {
      const world = new ApplyWorld(options)
      world.was('web-1', 1).zone.put(leadsTo('nobody'))
      const older = applyChange(world.options('web-1', 5, { provider: interleaved(world, schedule) }))
      const newer = applyChange(world.options('web-2', 6, { provider: interleaved(world, schedule) }))
      await inSomeOrder(world, schedule, Promise.all([older, newer]))
      expect(await newer).toMatchObject({ kind: 'applied' })
      expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=6'])
    }),
    { numRuns: 200 },
  )
})

it.each([true, false])(
  'without a comparison the next look of the newer right mends what an older one has done (in one step: %s)',
  async (atomicBatch) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (schedule) => {
        const world = new ApplyWorld({ compareAndSwap: 'none', atomicBatch })
        world.was('web-1', 1).zone.put(leadsTo('nobody'))
        const older = applyChange(world.options('web-1', 5, { provider: interleaved(world, schedule) }))
        const newer = applyChange(world.options('web-2', 6, { provider: interleaved(world, schedule) }))
        await inSomeOrder(world, schedule, Promise.all([older, newer]))
        await applyChange(world.options('web-2', 6))
        expect([world.shown, world.owner]).toEqual(['192.0.2.2', 'hotspare node=web-2 token=6'])
        expect(await applyChange(world.options('web-1', 5))).toMatchObject({ kind: 'refused', code: 'stale-token' })
      }),
      { numRuns: 200 },
    )
  },
)
