import type { TargetState } from '@hotspare/core'
import { expect, test } from 'vitest'
import { groupsByPreference } from './eligibility.ts'
import type { PassiveState } from './target.ts'

type Row = readonly [id: string, tier: number, state: TargetState, weight?: number, passive?: PassiveState]

function order(rows: readonly Row[], panic = true): string[] {
  const members = rows.map(([id, tier, state, weight = 1, passive = 'available']) => ({ id, tier, state, weight, passive }))
  return groupsByPreference(members, panic).map((group) => `${group.reason} ${group.members.map(({ id }) => id).join('+')}`)
}

test.each<[string, readonly Row[], readonly string[]]>([
  ['no targets give no groups', [], []],
  [
    'draining and maintenance are in no group, not even in panic',
    [
      ['a', 0, 'draining'],
      ['b', 0, 'maintenance'],
    ],
    [],
  ],
  [
    'weight 0 is in no group, not even in panic',
    [
      ['a', 0, 'up', 0],
      ['b', 0, 'down', 0],
    ],
    [],
  ],
  [
    'targets that are down come last, in panic',
    [
      ['a', 0, 'down'],
      ['b', 1, 'unknown'],
    ],
    ['unproven b', 'panic a'],
  ],
  [
    'who is drained, in maintenance or without weight is not brought in by being ejected',
    [
      ['a', 0, 'draining', 1, 'ejected'],
      ['b', 0, 'maintenance', 1, 'ejected'],
      ['c', 0, 'up', 0, 'ejected'],
    ],
    [],
  ],
  [
    'who is ejected and down is down: there is nothing else to tell them apart by',
    [
      ['a', 0, 'down', 1, 'ejected'],
      ['b', 0, 'down'],
    ],
    ['panic a+b'],
  ],
  [
    'a spare comes before a favourite that is ejected, be it degraded or unknown',
    [
      ['a', 0, 'up', 1, 'ejected'],
      ['b', 1, 'degraded'],
      ['c', 2, 'unknown'],
    ],
    ['spill tier 0 -> 1 b', 'unproven c', 'ejected a'],
  ],
  [
    'who asks for less comes after all others, and before who is ejected',
    [
      ['a', 0, 'up', 1, 'ejected'],
      ['b', 0, 'up', 1, 'backing-off'],
      ['c', 1, 'unknown'],
      ['d', 0, 'down'],
    ],
    ['unproven c', 'backing-off b', 'ejected a', 'panic d'],
  ],
  [
    'among those that are put aside the tier decides, and not the health that they had',
    [
      ['a', 1, 'up', 1, 'ejected'],
      ['b', 0, 'degraded', 1, 'ejected'],
      ['c', 0, 'unknown', 1, 'ejected'],
    ],
    ['ejected b+c', 'ejected a'],
  ],
  [
    'in panic the lower tier comes first',
    [
      ['a', 1, 'down'],
      ['b', 0, 'down'],
      ['c', 0, 'down'],
    ],
    ['panic b+c', 'panic a'],
  ],
  [
    'a spare that is up comes before a favourite that is degraded',
    [
      ['a', 0, 'degraded'],
      ['b', 1, 'up'],
    ],
    ['spill tier 0 -> 1 b', 'preferred a'],
  ],
  [
    'a spare that is up comes before a favourite that is unknown',
    [
      ['a', 0, 'unknown'],
      ['b', 1, 'up'],
    ],
    ['spill tier 0 -> 1 b', 'unproven a'],
  ],
  [
    'a degraded spare comes before an unknown favourite',
    [
      ['a', 0, 'unknown'],
      ['b', 1, 'degraded'],
    ],
    ['spill tier 0 -> 1 b', 'unproven a'],
  ],
  [
    'within a tier, up comes before degraded',
    [
      ['a', 0, 'degraded'],
      ['b', 0, 'up'],
      ['c', 0, 'up'],
    ],
    ['preferred b+c', 'preferred a'],
  ],
  [
    'unknown targets go in the order of their tiers',
    [
      ['a', 2, 'unknown'],
      ['b', 0, 'unknown'],
    ],
    ['unproven b', 'unproven a'],
  ],
  [
    'the first tier is the lowest that the pool has, though it is not 0',
    [
      ['a', 7, 'up'],
      ['b', 9, 'up'],
    ],
    ['preferred a', 'spill tier 7 -> 9 b'],
  ],
  [
    'a first tier that is all drained is still the first',
    [
      ['a', 0, 'up', 0],
      ['b', 1, 'up'],
    ],
    ['spill tier 0 -> 1 b'],
  ],
  [
    'the whole order',
    [
      ['a', 0, 'down'],
      ['b', 0, 'unknown'],
      ['c', 0, 'degraded'],
      ['d', 1, 'down'],
      ['e', 1, 'up'],
      ['f', 2, 'up'],
      ['g', 2, 'degraded'],
    ],
    ['spill tier 0 -> 1 e', 'spill tier 0 -> 2 f', 'preferred c', 'spill tier 0 -> 2 g', 'unproven b', 'panic a', 'panic d'],
  ],
])('%s', (_, rows, groups) => {
  expect(order(rows)).toEqual(groups)
})

test('with panic off, targets that are down are in no group', () => {
  expect(
    order(
      [
        ['a', 0, 'down'],
        ['b', 0, 'up'],
      ],
      false,
    ),
  ).toEqual(['preferred b'])
  expect(order([['a', 0, 'down']], false)).toEqual([])
})

test('with panic off, one that is ejected is still better than none', () => {
  expect(order([['a', 0, 'up', 1, 'ejected']], false)).toEqual(['ejected a'])
})
