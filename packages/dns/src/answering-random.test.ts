import type { TargetState } from '@hotspare/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnswering } from './answering.ts'
import { AnsweringWorld, TARGETS, WWW } from './answering/answering.fixture.ts'
import type { MemoryFault } from './memory.ts'
import type { DnsProvider } from './provider.ts'

const label = fc.constantFrom('main', 'backup')

type Happening =
  | { readonly kind: 'report'; readonly id: string; readonly state: TargetState }
  | { readonly kind: 'edit'; readonly label: string; readonly digits: string }
  | { readonly kind: 'remove'; readonly label: string }
  | { readonly kind: 'fault'; readonly label: string; readonly fault: MemoryFault; readonly changes: boolean; readonly times: number }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'restart' }

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('report' as const),
      id: fc.constantFrom('t1', 't2', 't3'),
      state: fc.constantFrom<TargetState>('up', 'degraded', 'down', 'unknown', 'maintenance', 'draining'),
    }),
  },
  fc.record({ kind: fc.constant('edit' as const), label, digits: fc.constantFrom('9', '1', '2 3', '1 9') }),
  fc.record({ kind: fc.constant('remove' as const), label }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      label,
      fault: fc.constantFrom<MemoryFault>('unavailable', 'lost', 'late', 'hang', 'limited', 'credentials'),
      changes: fc.boolean(),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(0, 1, 100, 5_000, 31_000, 120_000) }) },
  fc.record({ kind: fc.constant('restart' as const) }),
)

it('whatever happens, no answer is ever taken away whole, nothing is written while nothing is known, and both providers come to the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const world = new AnsweringWorld({ main: {}, backup: { compareAndSwap: 'none', atomicBatch: false } })
      const states = new Map<string, TargetState>(TARGETS.map(({ id }) => [id, 'unknown']))
      const wrong: string[] = []
      const watched = Object.fromEntries(
        Object.entries(world.zones).map(([name, zone]): [string, DnsProvider] => [
          name,
          {
            ...zone,
            change: (replacements, options) => {
              for (const { next } of replacements) if (!next || next.values.length === 0) wrong.push(`${name} would be emptied`)
              if ([...states.values()].every((state) => state === 'unknown')) wrong.push(`${name} is written without knowledge`)
              return zone.change(replacements, options)
            },
          },
        ]),
      )
      const begin = async () => {
        const answering = createAnswering({ providers: watched, ...WWW, ttlSeconds: 30, targets: TARGETS, adopt: true, clock: world.clock })
        await answering.start()
        for (const [id, state] of states) answering.report(id, state)
        return answering
      }
      let answering = await begin()
      for (const each of happenings) {
        if (each.kind === 'report') {
          states.set(each.id, each.state)
          answering.report(each.id, each.state)
        }
        if (each.kind === 'edit') world.put(each.digits, each.label)
        if (each.kind === 'remove') world.zones[each.label]?.remove(WWW)
        if (each.kind === 'fault') world.zones[each.label]?.fail(each.fault, each)
        if (each.kind === 'pass') await world.clock.advance(each.ms)
        if (each.kind === 'restart') {
          await answering.stop()
          answering = await begin()
        }
      }
      for (const [id, state] of [
        ['t1', 'up'],
        ['t2', 'down'],
        ['t3', 'up'],
      ] as const) {
        states.set(id, state)
        answering.report(id, state)
      }
      await world.clock.advance(3_600_000)
      expect(wrong).toEqual([])
      expect([world.shown('main'), world.shown('backup')]).toEqual(['1 3', '1 3'])
      expect(answering.snapshot().records[0]).toMatchObject({
        isSameEverywhere: true,
        providers: [{ state: 'agrees' }, { state: 'agrees' }],
      })
      await answering.stop()
      expect(world.clock.pendingTimers).toBe(0)
    }),
    { numRuns: 40 },
  )
}, 60_000)
