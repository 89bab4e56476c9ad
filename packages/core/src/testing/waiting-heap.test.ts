import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Waiting, WaitingHeap } from './waiting-heap.ts'

test('an empty one has nothing, and nothing can be taken from it', () => {
  const heap = new WaitingHeap()
  heap.shift()
  expect(heap.first()).toBeUndefined()
})

test('gives what waits by time, then by when it was added, and nothing that was cancelled', () => {
  const entries = fc.array(fc.record({ dueMs: fc.integer({ min: 0, max: 20 }), isCancelled: fc.boolean(), isLate: fc.boolean() }))
  fc.assert(
    fc.property(entries, (drawn) => {
      const heap = new WaitingHeap()
      const waiting = drawn.map(({ dueMs }, order): Waiting => ({ dueMs, order, callback: () => {}, cancelled: false }))
      for (const [index, entry] of waiting.entries()) {
        heap.push(entry)
        // Some are cancelled while the others are still to come.
        if (drawn[index]?.isCancelled && !drawn[index].isLate) heap.cancel(entry)
      }
      for (const [index, entry] of waiting.entries()) if (drawn[index]?.isCancelled) heap.cancel(entry)
      const given: Waiting[] = []
      for (let first = heap.first(); first; first = heap.first()) {
        given.push(first)
        heap.shift()
      }
      const expected = waiting
        .filter(({ cancelled }) => !cancelled)
        .toSorted((one, other) => one.dueMs - other.dueMs || one.order - other.order)
      expect(given).toEqual(expected)
    }),
  )
})
