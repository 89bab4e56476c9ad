import { expect, it } from 'vitest'
import { sendPosts } from './post-once.fixture.ts'

it('a POST reaches an origin at most once, wherever its connections are reset, new ones and those that were used before', async () => {
  const { posts, resets, reused, seen, seenTwice, answered, invented, retried, ended, active } = await sendPosts(2_000, 1)
  expect(seenTwice).toEqual([])
  expect(invented).toEqual([])
  expect(posts).toBe(2_000)
  expect(active).toBe(0)
  // One event for each that has come so far as to be a request.
  expect(ended).toBeLessThanOrEqual(posts)
  expect(ended).toBeGreaterThanOrEqual(seen)
  // All of it was tried: resets, connections that were used again, attempts that were repeated since nothing had been sent.
  expect(resets).toBeGreaterThan(800)
  expect(reused).toBeGreaterThan(200)
  expect(answered).toBeGreaterThan(500)
  expect(retried).toBeGreaterThanOrEqual(0)
}, 60_000)
