import type { TargetState } from '@hotspare/core'
import { expect, test } from 'vitest'
import { createPool } from './pool.ts'
import type { PassiveState } from './target.ts'

type Row = readonly [tier: number, state: TargetState, weight?: number, passive?: PassiveState]

function explain(rows: readonly Row[], panic = true) {
  const pool = createPool({ targets: rows.map(([tier, , weight], index) => ({ id: `t${index}`, tier, weight })), panic })
  for (const [index, [, state, , passive = 'available']] of rows.entries()) {
    pool.setState(`t${index}`, state)
    pool.setPassive(`t${index}`, passive)
  }
  return pool.explain()
}

test.each<[readonly Row[], string]>([
  [[], 'the pool has no targets'],
  [
    [
      [0, 'draining'],
      [0, 'maintenance'],
      [1, 'up', 0],
    ],
    'no target can be picked: 1 draining, 1 in maintenance, 1 with weight 0',
  ],
  [
    [
      [0, 'down'],
      [1, 'down'],
    ],
    'tier 0 is tried in panic, because no target is better than down (2 down)',
  ],
  [
    [
      [0, 'unknown'],
      [1, 'down'],
    ],
    'tier 0 serves unproven, because no target is known to be healthy (1 unknown, 1 down)',
  ],
  [
    [
      [0, 'down'],
      [0, 'down'],
      [0, 'maintenance'],
      [1, 'up'],
    ],
    'tier 1 serves, because no tier before it has a target that is up (2 down, 1 in maintenance)',
  ],
  [
    [
      [0, 'down'],
      [2, 'degraded'],
    ],
    'tier 2 serves, because no tier before it has a target that is up or degraded (1 down)',
  ],
  [
    [
      [0, 'degraded'],
      [1, 'down'],
    ],
    'tier 0 serves, though degraded, because no target is up in any tier (1 degraded, 1 down)',
  ],
  [
    [
      [0, 'up'],
      [0, 'down'],
      [1, 'up'],
    ],
    'tier 0 serves, because it is preferred (1 up, 1 down)',
  ],
  [
    [
      [0, 'up', 1, 'ejected'],
      [0, 'down', 1, 'ejected'],
      [0, 'draining', 1, 'ejected'],
      [1, 'up'],
    ],
    'tier 1 serves, because no tier before it has a target that is up (1 ejected, 1 down, 1 draining)',
  ],
  [
    [
      [0, 'up', 1, 'backing-off'],
      [0, 'up', 1, 'ejected'],
      [1, 'down'],
    ],
    'tier 0 serves, though it asks for less, because no other target is left (1 backing off, 1 ejected, 1 down)',
  ],
  [
    [
      [0, 'up', 1, 'ejected'],
      [1, 'down'],
    ],
    'tier 0 is tried, though ejected, because no other target is left (1 ejected, 1 down)',
  ],
])('%j: %s', (rows, because) => {
  expect(explain(rows).because).toBe(because)
})

test('without panic it says so', () => {
  expect(explain([[0, 'down']], false)).toEqual({
    tier: undefined,
    reason: undefined,
    candidates: [],
    because: 'no target can be picked: 1 down; panic is off',
  })
})

test('it names the tier, the reason and the targets among which the next pick chooses', () => {
  expect(
    explain([
      [0, 'down'],
      [1, 'up'],
      [1, 'degraded'],
      [1, 'up'],
    ]),
  ).toMatchObject({ tier: 1, reason: 'spill tier 0 -> 1', candidates: ['t1', 't3'] })
})
