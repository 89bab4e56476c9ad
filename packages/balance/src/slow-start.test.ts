import { expect, test } from 'vitest'
import { slowStartWeight } from './slow-start.ts'

const minute = { weight: 1, windowMs: 60_000, aggression: 1, minimumRatio: 0.1 }

test.each([
  { weight: -1 },
  { weight: Number.NaN },
  { elapsedMs: -1 },
  { elapsedMs: Number.NaN },
  { windowMs: 0 },
  { windowMs: Infinity },
  { aggression: 0 },
  { aggression: Infinity },
  { minimumRatio: -0.1 },
  { minimumRatio: 1.1 },
  { minimumWeight: 1 },
])('%j is refused', (wrong) => {
  expect(() => slowStartWeight({ ...minute, elapsedMs: 1, ...wrong })).toThrow(
    expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }),
  )
})

// Envoy's documentation on slow start: 12 s of 60 s, and 26 s with an aggression of 2.
test.each([
  [{ elapsedMs: 12_000 }, 0.2],
  [{ elapsedMs: 26_000, aggression: 2 }, 0.658],
  [{ elapsedMs: 0 }, 0.1],
  [{ elapsedMs: 3_000 }, 0.1],
  [{ elapsedMs: 0, minimumRatio: 0 }, 1 / 60_000],
  [{ elapsedMs: 30_000, aggression: 0.5 }, 0.25],
  [{ elapsedMs: 60_000 }, 1],
  [{ elapsedMs: 1e9 }, 1],
  [{ elapsedMs: 30_000, weight: 8 }, 4],
  [{ elapsedMs: 30_000, weight: 0 }, 0],
])('%j gives %d', (options, weight) => {
  expect(slowStartWeight({ ...minute, ...options })).toBeCloseTo(weight, 3)
})
