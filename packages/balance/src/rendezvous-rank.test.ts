import { array, assert, integer, property, shuffledSubarray, string } from 'fast-check'
import { expect, test } from 'vitest'
import { candidatesOf, hashOf, started } from './keyed.fixture.ts'
import { rendezvousRank } from './rendezvous-rank.ts'
import { rendezvous } from './rendezvous.ts'
import { xxh64 } from './xxh64.ts'

const hosts = Array.from({ length: 12 }, (_, index) => ({ key: `host-${index}`, weight: 1 + (index % 4) }))

test('bad hosts are refused', () => {
  expect(() => rendezvousRank([{ key: 'a' }, { key: 'a' }], 'k')).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
})

test('every host with a weight is ranked once, one without a weight not at all', () => {
  const ranked = rendezvousRank([...hosts, { key: 'drained', weight: 0 }], 'some key')
  expect(ranked.toSorted((a, b) => a - b)).toEqual(hosts.map((_, index) => index))
})

test('without some of the hosts, and in any order, the others keep their ranks', () => {
  assert(
    property(string(), shuffledSubarray(hosts), (key, some) => {
      const all = rendezvousRank(hosts, key).map((index) => hosts[index]!)
      const left = rendezvousRank(some, key).map((index) => some[index]!)
      expect(left).toEqual(all.filter((host) => some.includes(host)))
    }),
  )
})

test('a host that gets a greater weight falls behind nobody', () => {
  assert(
    property(
      string(),
      integer({ min: 0, max: 11 }),
      array(integer({ min: 1, max: 9 }), { minLength: 12, maxLength: 12 }),
      (key, raised, weights) => {
        const before = weights.map((weight, index) => ({ key: `host-${index}`, weight }))
        const after = before.map((host, index) => (index === raised ? { ...host, weight: host.weight * 3 } : host))
        expect(rendezvousRank(after, key).indexOf(raised)).toBeLessThanOrEqual(rendezvousRank(before, key).indexOf(raised))
      },
    ),
  )
})

test('the hash of a key ranks as the key does', () => {
  expect(rendezvousRank(hosts, xxh64('some key'))).toEqual(rendezvousRank(hosts, 'some key'))
})

test('the algorithm goes through the ranks as targets fail, with equal weights and others', () => {
  for (const list of [hosts, hosts.map(({ key }) => ({ key, weight: 1 }))]) {
    const members = list.map(({ key, weight }, index) => ({ id: key, index, weight, active: 0 }))
    const chooser = started(rendezvous(), members)
    for (let key = 0; key < 50; key++) {
      const tried = new Set<string>()
      for (const index of rendezvousRank(list, `key-${key}`)) {
        expect(chooser.choose(candidatesOf(members, tried), { hash: hashOf(`key-${key}`) })?.index).toBe(index)
        tried.add(list[index]!.key)
      }
    }
  }
})
