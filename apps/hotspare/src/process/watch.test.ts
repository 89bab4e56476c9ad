import { expect, it } from 'vitest'
import { beginWatch, look } from './watch.ts'

it('counts the silence that the parent could have heard, and none of its own', () => {
  let watch = beginWatch(1_000)
  for (const atMs of [2_000, 3_000]) watch = look(watch, atMs, 1_000)
  expect(watch.silentMs).toBe(2_000)
  // The parent stood still for a minute: it had no chance to hear.
  expect(look(watch, 63_000, 1_000).silentMs).toBe(3_000)
})
