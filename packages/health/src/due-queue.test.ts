import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DueQueue } from './due-queue.ts'
import { nextDueMs } from './schedule.ts'

describe('DueQueue', () => {
  it('is empty at first, and deleting what is not there does nothing', () => {
    const queue = new DueQueue<string>()
    queue.delete('a')
    expect(queue.peek()).toBeUndefined()
    expect(queue.size).toBe(0)
  })

  it('agrees with a sorted list under any puts, moves and deletions', () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.option(fc.integer({ min: 0, max: 1_000 }), { freq: 3 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const queue = new DueQueue<number>()
        const model = new Map<number, number>()
        for (const [item, dueMs] of steps) {
          if (dueMs === null) {
            queue.delete(item)
            model.delete(item)
          } else {
            queue.set(item, dueMs)
            model.set(item, dueMs)
          }
          const first = queue.peek()
          expect(queue.size).toBe(model.size)
          expect(first?.dueMs).toBe(model.size === 0 ? undefined : Math.min(...model.values()))
          expect(first && model.get(first.item)).toBe(first?.dueMs)
        }
        const drained: number[] = []
        for (let first = queue.peek(); first; first = queue.peek()) {
          drained.push(first.dueMs)
          queue.delete(first.item)
        }
        expect(drained).toEqual([...model.values()].toSorted((a, b) => a - b))
      }),
      { numRuns: 300 },
    )
  })

  it('forgets everything when it is cleared', () => {
    const queue = new DueQueue<string>()
    queue.set('a', 1)
    queue.clear()
    queue.set('a', 2)
    expect(queue.peek()).toMatchObject({ item: 'a', dueMs: 2 })
    expect(queue.size).toBe(1)
  })
})

describe('nextDueMs', () => {
  it.each([
    { anchorMs: 10, intervalMs: 100, nowMs: 0, dueMs: 10 },
    { anchorMs: 10, intervalMs: 100, nowMs: 10, dueMs: 110 },
    { anchorMs: 10, intervalMs: 100, nowMs: 109.9, dueMs: 110 },
    { anchorMs: 10, intervalMs: 100, nowMs: 1_000_000, dueMs: 1_000_010 },
  ])('from $anchorMs every $intervalMs, after $nowMs comes $dueMs', ({ anchorMs, intervalMs, nowMs, dueMs }) => {
    expect(nextDueMs(anchorMs, intervalMs, nowMs)).toBe(dueMs)
  })

  it('always lies ahead, at most an interval, also where fractions round', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 1e6 }),
        (anchorMs, intervalMs, count) => {
          const nowMs = anchorMs + count * intervalMs
          const dueMs = nextDueMs(anchorMs, intervalMs, nowMs)
          expect(dueMs).toBeGreaterThan(nowMs)
          expect(dueMs - nowMs).toBeLessThanOrEqual(intervalMs * 1.001)
        },
      ),
    )
  })
})
