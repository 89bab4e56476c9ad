import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MemoryFault } from './memory.ts'
import { ResourceWorld, type TestRight } from './resource/resource.fixture.ts'

const node = fc.constantFrom('web-1' as const, 'web-2' as const)

const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('acquire' as const), node }) },
  fc.record({ kind: fc.constant('release' as const), node }),
  /** The other one gets the right, and the former may still act. */
  fc.record({ kind: fc.constant('grant' as const), node, told: fc.boolean() }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      fault: fc.constantFrom<MemoryFault>('unavailable', 'lost', 'late', 'hang', 'limited'),
      changes: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constant('edit' as const), value: fc.constantFrom('192.0.2.1', '192.0.2.2', '203.0.113.9') }),
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 50, 1_000, 12_000) }) },
)

it('whatever happens, whoever has the newest right has the record in the end, and the other knows it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 30 }), fc.boolean(), async (happenings, atomicBatch) => {
      const world = new ResourceWorld({ atomicBatch, compareAndSwap: atomicBatch ? 'exact' : 'etag' })
      const resources = { 'web-1': world.resource('web-1', { adopt: true }), 'web-2': world.resource('web-2', { adopt: true }) }
      let token = 1
      let right: TestRight = world.right(token)
      let holder: 'web-1' | 'web-2' = 'web-1'
      const rights: { 'web-1': TestRight; 'web-2': TestRight } = { 'web-1': right, 'web-2': world.right(0, 0) }
      const running: Promise<unknown>[] = []
      let newest = -1
      for (const each of happenings) {
        if (each.kind === 'acquire') running.push(resources[each.node].acquire(rights[each.node]))
        if (each.kind === 'release') running.push(resources[each.node].release())
        if (each.kind === 'grant') {
          if (each.told) right.end()
          else right.doubted = true
          token += 1
          right = world.right(token)
          holder = each.node
          rights[holder] = right
        }
        if (each.kind === 'fault') world.zone.fail(each.fault, { changes: each.changes })
        if (each.kind === 'edit') world.put([each.value])
        if (each.kind === 'pass') await world.clock.advance(each.ms)
        // Nobody edits the owner record: only an older right could make its token smaller.
        const shown = Number(/token=(\d+)/.exec(world.shown)?.[1] ?? newest)
        expect(shown).toBeGreaterThanOrEqual(newest)
        newest = shown
        expect(world.zone.sets().every(({ values }) => values.length > 0)).toBe(true)
      }
      await world.ended(Promise.all(running))
      // What is late arrives, and faults that nobody has met are used up.
      await world.clock.advance(60_000)
      for (let tries = 0; tries < 40; tries++) {
        const outcome = await world.ended(resources[holder].acquire(right))
        if (outcome.ok) break
      }
      await world.clock.advance(60_000)
      const other = holder === 'web-1' ? 'web-2' : 'web-1'
      for (let looks = 0; looks < 40; looks++) {
        await world.ended(resources[other].observe())
        await world.clock.advance(120_000)
      }
      expect(world.shown).toBe(`192.0.2.${holder.slice(-1)}, hotspare node=${holder} token=${token}`)
      expect(await world.ended(resources[holder].observe())).toMatchObject({ state: 'held' })
      expect(await world.ended(resources[other].observe())).toMatchObject({ state: 'absent' })
      await Promise.all([resources[holder].close(), resources[other].close()])
      expect(world.clock.pendingTimers).toBe(0)
    }),
    { numRuns: 40 },
  )
}, 60_000)
