import { expect, test } from 'vitest'
import { beginWatch, look, type Watch } from './watch.ts'

const EVERY_MS = 250

function lookedAt(...times: readonly number[]): Watch {
  return times.reduce((watch, atMs) => look(watch, atMs, EVERY_MS), beginWatch(0))
}

test.each([
  ['looks on time count as they are', [250, 500, 750, 1_000], 1_000],
  ['a pause of the parent counts as one look', [250, 60_250], 500],
  ['a parent that is always late has counted every look as one', [5_000, 10_000, 15_000], 750],
  ['looks that come in a row after a pause add nothing', [10_000, 10_000, 10_001], 251],
])('%s', (_, times, silentMs) => {
  expect(lookedAt(...times).silentMs).toBe(silentMs)
})
