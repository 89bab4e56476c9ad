import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { createLookQueue } from './look-queue.ts'

it('looks once at each of what has changed within a moment, what waits at its end included, and at nothing after it', async () => {
  const clock = new TestClock()
  const looked: string[] = []
  const queue = createLookQueue(clock, (id, at) => {
    looked.push(`${id} ${at}`)
    // What changes while it looks is looked at the next time.
    if (id === 'a' && at === 2) queue.add('b', 3)
  })
  queue.add('a', 1)
  queue.add('a', 2)
  expect(looked).toEqual([])
  await clock.advance(50)
  expect(looked).toEqual(['a 2'])
  await clock.advance(50)
  expect(looked).toEqual(['a 2', 'b 3'])
  queue.add('c', 4)
  queue.end()
  expect(looked.at(-1)).toBe('c 4')
  queue.add('d', 5)
  queue.end()
  await clock.advance(100)
  expect([looked.length, clock.pendingTimers]).toEqual([3, 0])
})
