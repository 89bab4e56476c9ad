import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PriorityLevel, priorityLoads } from './priority-loads.ts'

/** A level of a hundred hosts. */
function percent(healthy: number, degraded = 0): PriorityLevel {
  return { hosts: 100, healthy, degraded }
}

describe('what is refused', () => {
  test.each<[string, PriorityLevel]>([
    ['half a host', { hosts: 1.5, healthy: 1 }],
    ['fewer than none', { hosts: 2, healthy: -1 }],
    ['no number', { hosts: Number.NaN, healthy: 0 }],
    ['more healthy than there are', { hosts: 2, healthy: 3 }],
    ['a host counted twice', { hosts: 2, healthy: 1, degraded: 1, excluded: 1 }],
  ])('%s', (_, level) => {
    expect(() => priorityLoads([level])).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
  })

  test.each([
    { overprovisioningFactor: 0.9 },
    { overprovisioningFactor: Number.NaN },
    { panicThreshold: -1 },
    { panicThreshold: 101 },
    { panicThreshold: Number.NaN },
  ])('%j', (options) => {
    expect(() => priorityLoads([percent(100)], options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
  })
})

// Envoy's documentation on priority levels and its load_balancer_impl_test.cc; where a printed row disagrees with the
// code, the code.
describe('the loads of Envoy', () => {
  test.each<[string, PriorityLevel[], number[], number[], boolean[]]>([
    ['72 % healthy carry all', [percent(72), percent(100)], [100, 0], [0, 0], [false, false]],
    ['71 % do not', [percent(71), percent(100)], [99, 1], [0, 0], [false, false]],
    ['50 %', [percent(50), percent(100)], [70, 30], [0, 0], [false, false]],
    ['0 %', [percent(0), percent(100)], [0, 100], [0, 0], [false, false]],
    ['71 and 71', [percent(71), percent(71)], [99, 1], [0, 0], [false, false]],
    ['50 and 60', [percent(50), percent(60)], [70, 30], [0, 0], [false, false]],
    ['25 and 25', [percent(25), percent(25)], [50, 50], [0, 0], [true, true]],
    ['5 and 65: the rest of the rounding is for the first', [percent(5), percent(65)], [8, 92], [0, 0], [true, false]],
    [
      '4/1 and 2/2',
      [
        { hosts: 4, healthy: 1 },
        { hosts: 2, healthy: 2 },
      ],
      [35, 65],
      [0, 0],
      [false, false],
    ],
    [
      '4/1 twice',
      [
        { hosts: 4, healthy: 1 },
        { hosts: 4, healthy: 1 },
      ],
      [50, 50],
      [0, 0],
      [true, true],
    ],
    ['4/1 three times', Array.from({ length: 3 }, () => ({ hosts: 4, healthy: 1 })), [35, 35, 30], [0, 0, 0], [false, false, false]],
    ['71 healthy, 29 degraded', [percent(71, 29)], [99], [1], [false]],
    ['25 healthy, 65 degraded', [percent(25, 65)], [35], [65], [false]],
    [
      'scaled up, what rounding leaves for the first',
      [percent(10, 20), percent(20, 10), percent(10, 0)],
      [16, 28, 14],
      [28, 14, 0],
      [true, true, true],
    ],
    [
      'nobody at all: by the number of hosts',
      [
        { hosts: 1, healthy: 0 },
        { hosts: 2, healthy: 0 },
      ],
      [34, 66],
      [0, 0],
      [true, true],
    ],
    ['excluded hosts do not count', [{ hosts: 4, healthy: 1, excluded: 3 }, percent(100)], [100, 0], [0, 0], [false, false]],
  ])('%s', (name, levels, healthy, degraded, panic) => {
    // The example of the comment in Envoy's code is without panic.
    const options = name.startsWith('scaled up') ? { panicThreshold: 0 } : {}
    const expected = { healthy, degraded, panic: name.startsWith('scaled up') ? panic.map(() => false) : panic }
    expect(priorityLoads(levels, options)).toEqual(expected)
  })

  test('with a threshold of 0 nobody panics, and the first level is left with a load that nobody takes', () => {
    expect(priorityLoads([percent(0), percent(0)], { panicThreshold: 0 })).toEqual({
      healthy: [100, 0],
      degraded: [0, 0],
      panic: [false, false],
    })
  })

  test('no levels have no loads', () => {
    expect(priorityLoads([])).toEqual({ healthy: [], degraded: [], panic: [] })
  })

  test('levels without hosts take what there is nobody for, and do not end in a division by 0', () => {
    expect(priorityLoads([{ hosts: 0, healthy: 0 }])).toEqual({ healthy: [100], degraded: [0], panic: [true] })
    expect(priorityLoads([{ hosts: 0, healthy: 0 }, percent(100)])).toMatchObject({ healthy: [0, 100], panic: [false, false] })
  })
})

test('with an endless factor one healthy host carries all, and then one degraded host', () => {
  const options = { overprovisioningFactor: Infinity }
  expect(priorityLoads([percent(0, 1), percent(1, 99), percent(100)], options)).toMatchObject({ healthy: [0, 100, 0], degraded: [0, 0, 0] })
  expect(priorityLoads([percent(0), percent(0, 1)], options)).toMatchObject({ healthy: [0, 0], degraded: [0, 100] })
})

test('all loads are whole, and 100 together', () => {
  const level = record({ healthy: integer({ min: 0, max: 9 }), degraded: integer({ min: 0, max: 9 }), down: integer({ min: 0, max: 9 }) })
  const factors = constantFrom(1, 1.4, 1.333, 3, Infinity)
  assert(
    property(
      array(level, { minLength: 1, maxLength: 6 }),
      factors,
      integer({ min: 0, max: 100 }),
      (levels, overprovisioningFactor, panicThreshold) => {
        const hosts = levels.map(({ healthy, degraded, down }) => ({ hosts: healthy + degraded + down, healthy, degraded }))
        const loads = priorityLoads(hosts, { overprovisioningFactor, panicThreshold })
        const all = [...loads.healthy, ...loads.degraded]
        expect(all.every((load) => Number.isInteger(load) && load >= 0)).toBe(true)
        expect(all.reduce((sum, load) => sum + load, 0)).toBe(100)
      },
    ),
  )
})
