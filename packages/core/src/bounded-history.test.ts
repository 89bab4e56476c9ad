import { assert, integer, array, property } from 'fast-check'
import { expect, test } from 'vitest'
import { BoundedHistory } from './bounded-history.ts'

test.each([0, -3, Number.NaN])('a capacity of %s is taken as 1', (capacity) => {
  const history = new BoundedHistory<string>(capacity)
  history.push('first')
  history.push('second')
  expect(history.capacity).toBe(1)
  expect([...history]).toEqual(['second'])
})

test('a capacity with a fraction is rounded down', () => {
  expect(new BoundedHistory(2.9).capacity).toBe(2)
})

test('an empty history yields nothing', () => {
  const history = new BoundedHistory<string>(3)
  expect(history.size).toBe(0)
  expect([...history]).toEqual([])
})

test('it holds what an array cut to its last entries holds, oldest first', () => {
  assert(
    property(integer({ min: 1, max: 9 }), array(integer(), { maxLength: 40 }), (capacity, entries) => {
      const history = new BoundedHistory<number>(capacity)
      let model: number[] = []
      for (const entry of entries) {
        history.push(entry)
        model = [...model, entry].slice(-capacity)
        expect([...history]).toEqual(model)
        expect(history.size).toBe(model.length)
      }
    }),
  )
})

test('an iteration shows the history as it was when it began, whatever is pushed meanwhile', () => {
  // The newer half was read late, so entries pushed during a replay came out twice or in the wrong place.
  const history = new BoundedHistory<number>(5)
  for (let entry = 0; entry < 8; entry++) history.push(entry)
  const seen: number[] = []
  for (const entry of history) {
    seen.push(entry)
    history.push(100 + entry)
    history.push(200 + entry)
  }
  expect(seen).toEqual([3, 4, 5, 6, 7])
})

test('two iterations do not disturb each other', () => {
  const history = new BoundedHistory<number>(2)
  history.push(1)
  history.push(2)
  const first = history[Symbol.iterator]()
  expect(first.next().value).toBe(1)
  expect([...history]).toEqual([1, 2])
  expect(first.next().value).toBe(2)
})
