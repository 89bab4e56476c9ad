import { array, assert, boolean, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Failback, type FailbackInput, isUnderWay, loadOf, turnTo } from './failback.ts'

function settled(...loads: number[]): Failback {
  return { loads, kept: loads.map(() => 0), startMs: 0 }
}

function input(loads: readonly number[], change: Partial<FailbackInput> = {}): FailbackInput {
  return { loads, serves: loads.map(() => true), proven: loads.map(() => true), ...change }
}

function at(failback: Failback, ratio: number): number[] {
  return failback.loads.map((_, slot) => loadOf(failback, slot, ratio))
}

describe('what moves at once', () => {
  test.each<[string, Failback, FailbackInput]>([
    ['all, away from a slot that fails', settled(100, 0), input([0, 100])],
    ['a part of it', settled(100, 0), input([70, 30])],
    ['what comes back from a slot that can no longer serve', settled(0, 100), input([100, 0], { serves: [true, false] })],
    ['what comes to a slot that has never served nor failed', settled(0, 100), input([100, 0], { proven: [false, true] })],
  ])('%s', (_, before, next) => {
    const after = turnTo(before, 1, next, 7)
    expect(isUnderWay(after)).toBe(false)
    expect(at(after, 0)).toEqual(next.loads)
  })
})

describe('what moves step by step', () => {
  test('all that comes back to a preferred slot', () => {
    const after = turnTo(settled(0, 100), 1, input([100, 0]), 7)
    expect([0, 0.25, 1].map((ratio) => at(after, ratio))).toEqual([
      [0, 100],
      [25, 75],
      [100, 0],
    ])
    expect(after.startMs).toBe(7)
  })

  test('what comes back to several, and that alone, where another part goes on to a spare', () => {
    const after = turnTo(settled(30, 0, 70), 1, input([60, 40, 0]), 0)
    expect(at(after, 0)).toEqual([30, 0, 70])
    expect(at(after, 1)).toEqual([60, 40, 0])
    const mixed = turnTo(settled(50, 0, 50), 1, input([20, 70, 10]), 0)
    // 30 leave the first, which has failed; 40 come back from the last.
    expect(at(mixed, 0)).toEqual([20, 30, 50])
  })

  test('it goes on where the same spread is asked for again, and from where it is where another one is', () => {
    const under = turnTo(settled(0, 100), 1, input([100, 0]), 5)
    expect(turnTo(under, 0.5, input([100, 0]), 99)).toBe(under)
    const other = turnTo(under, 0.5, input([80, 20]), 99)
    expect(at(other, 0)).toEqual([50, 50])
    expect(at(other, 1)).toEqual([80, 20])
    expect(other.startMs).toBe(99)
  })

  test('it ends when the slot that has kept something fails', () => {
    const under = turnTo(settled(0, 100), 1, input([100, 0]), 5)
    expect(at(turnTo(under, 0.5, input([100, 0], { serves: [true, false] }), 9), 0)).toEqual([100, 0])
  })
})

test('at every moment the loads are 100 together, none is below 0, and nothing is kept where nobody serves', () => {
  const slots = 4
  const step = record({
    cuts: array(integer({ min: 0, max: 100 }), { minLength: slots - 1, maxLength: slots - 1 }),
    serves: array(boolean(), { minLength: slots, maxLength: slots }),
    proven: array(boolean(), { minLength: slots, maxLength: slots }),
    ratio: integer({ min: 0, max: 10 }),
  })
  assert(
    property(array(step, { maxLength: 8 }), (steps) => {
      let failback = settled(100, 0, 0, 0)
      for (const { cuts, serves, proven, ratio } of steps) {
        const ends = [0, ...cuts.toSorted((a, b) => a - b), 100]
        const loads = Array.from({ length: slots }, (_, slot) => ends[slot + 1]! - ends[slot]!)
        failback = turnTo(failback, ratio / 10, { loads, serves, proven }, 0)
        for (const part of [0, 0.3, 1]) {
          const now = at(failback, part)
          expect(now.reduce((sum, load) => sum + load, 0)).toBeCloseTo(100, 6)
          for (const load of now) expect(load).toBeGreaterThanOrEqual(-1e-9)
          expect(now.every((load, slot) => serves[slot] || load <= loads[slot]! + 1e-9)).toBe(true)
        }
      }
    }),
  )
})
