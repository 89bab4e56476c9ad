import { expect, test } from 'vitest'
import { beginSilenceWatch, lookForSilence, type SilenceWatch } from './silence-watch.ts'

const EVERY_MS = 250

function lookedAt(...times: readonly number[]): SilenceWatch {
  return times.reduce((watch, atMs) => lookForSilence(watch, atMs, EVERY_MS), beginSilenceWatch(0))
}

test.each([
  ['looks on time count as they are', [250, 500, 750, 1_000], 1_000],
  ['a pause of the parent counts as one look', [250, 60_250], 500],
  ['a parent that is always late has counted every look as one', [5_000, 10_000, 15_000], 750],
  ['looks that come in a row after a pause add nothing', [10_000, 10_000, 10_001], 251],
])('%s', (_, times, silentMs) => {
  expect(lookedAt(...times).silentMs).toBe(silentMs)
})

test('counts the silence that the parent could have heard, and none of its own', () => {
  let watch = beginSilenceWatch(1_000)
  for (const atMs of [2_000, 3_000]) watch = lookForSilence(watch, atMs, 1_000)
  expect(watch.silentMs).toBe(2_000)
  // The parent stood still for a minute: it had no chance to hear.
  expect(lookForSilence(watch, 63_000, 1_000).silentMs).toBe(3_000)
})
