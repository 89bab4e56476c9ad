import { array, assert, boolean, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { boundedLoad } from './bounded-load.ts'
import { boundedLoadSlots } from './bounded-slots.ts'
import { candidatesOf, evenMembers, hashOf, keyHashes, membersOf, placesOf, started } from './keyed.fixture.ts'
import { maglev } from './maglev.ts'
import { rendezvous } from './rendezvous.ts'
import { ringHash } from './ring-hash.ts'
import { roundRobin } from './round-robin.ts'

test('an algorithm that goes by no key is refused', () => {
  expect(() => boundedLoad(roundRobin())).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('it is named after what it bounds, and passes on how requests end', () => {
  const ended: string[] = []
  const inner = { ...rendezvous(), start: () => ({ choose: () => undefined, finished: ({ id }: { id: string }) => void ended.push(id) }) }
  const algorithm = boundedLoad(inner)
  expect(algorithm).toMatchObject({ name: 'rendezvous', keyed: true })
  const members = evenMembers(1)
  started(algorithm, members).finished?.(members[0]!, { latencyMs: 1, ok: true })
  expect(ended).toEqual(['host-0'])
})

test('without load it chooses as the algorithm alone', () => {
  const members = evenMembers(8)
  for (const make of [rendezvous, maglev, ringHash]) {
    const hashes = keyHashes(300)
    expect(placesOf(started(boundedLoad(make()), members), candidatesOf(members), hashes)).toEqual(
      placesOf(started(make(), members), candidatesOf(members), hashes),
    )
  }
})

test('whatever the keys and ends of requests, nobody gets more than the slots that it has at that moment', () => {
  const steps = array(integer({ min: 0, max: 4 }), { maxLength: 150 })
  assert(
    property(
      array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
      steps,
      array(boolean(), { maxLength: 150 }),
      (weights, keys, ends) => {
        const members = membersOf(weights)
        const candidates = candidatesOf(members)
        const chooser = started(boundedLoad(ringHash(), { factorPercent: 150 }), members)
        for (const [step, key] of keys.entries()) {
          const served = members.reduce((sum, { active }) => sum + active, 0)
          const slots = boundedLoadSlots({ weights, served, factorPercent: 150 })
          const member = chooser.choose(candidates, { hash: hashOf(`key-${key}`) })!
          expect(member.active).toBeLessThan(slots[member.index]!)
          member.active += 1
          const busiest = members.reduce((most, other) => (other.active > most.active ? other : most))
          if (ends[step] === true) busiest.active -= 1
        }
      },
    ),
  )
})

test('one key that everybody asks for fills its target up to the bound, and then the next ones in its order', () => {
  const members = evenMembers(4)
  const candidates = candidatesOf(members)
  const chooser = started(boundedLoad(rendezvous(), { factorPercent: 125 }), members)
  const hash = hashOf('hot')
  for (let request = 0; request < 100; request++) chooser.choose(candidates, { hash })!.active += 1
  const active = members.map((member) => member.active).toSorted((a, b) => b - a)
  // 125 slots, 31 or 32 each.
  expect(active[0]).toBeLessThanOrEqual(32)
  expect(active.reduce((sum, count) => sum + count, 0)).toBe(100)
  expect(active[3]).toBeLessThan(active[0]!)
})

test('who is out counts neither as load nor as room', () => {
  const members = evenMembers(3)
  members[0]!.active = 1_000
  const candidates = candidatesOf(members, new Set(['host-0']))
  const chooser = started(boundedLoad(rendezvous(), { factorPercent: 100 }), members)
  const hash = hashOf('key')
  const first = chooser.choose(candidates, { hash })!
  first.active = 1
  // Two slots for two targets: with the 1,000 counted in, the first would have room.
  expect(chooser.choose(candidates, { hash })).not.toBe(first)
})

test('where only a full target is left that was not tried, it is better than none', () => {
  const members = evenMembers(2)
  members[0]!.active = 100
  const chooser = started(boundedLoad(rendezvous()), members)
  expect(chooser.choose(candidatesOf(members), { hash: hashOf('key'), exclude: new Set(['host-1']) })?.id).toBe('host-0')
})
