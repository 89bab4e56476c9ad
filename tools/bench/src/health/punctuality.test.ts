import { describe, expect, it } from 'vitest'
import { punctuality } from './punctuality.ts'

const options = { intervalMs: 1_000, windowMs: 4_000, toleratedRatio: 0.1 }

describe('punctuality', () => {
  it('misses every look at a target that was never looked at', () => {
    expect(punctuality([[]], options)).toEqual({ started: 0, late: 0, missed: 4, p99Ms: 0, worstMs: 0 })
  })

  it('misses a look that was left out', () => {
    expect(punctuality([[10, 1_010, 3_010]], options)).toMatchObject({ started: 3, late: 0, missed: 1 })
  })

  it('calls a look late that came more than the tolerated share after its time', () => {
    expect(punctuality([[0, 1_100, 2_101, 3_000]], options)).toMatchObject({ late: 1, missed: 0, worstMs: 101 })
  })

  it('goes by the most punctual look, even where the first was late', () => {
    expect(punctuality([[300, 1_000, 2_000]], options)).toMatchObject({ late: 1, worstMs: 300 })
  })

  it('finds nothing wrong with a schedule that was kept, wherever in the interval it lies', () => {
    expect(
      punctuality(
        [
          [999, 1_999],
          [1, 1_001, 2_001],
        ],
        options,
      ),
    ).toMatchObject({ started: 5, late: 0, missed: 0, worstMs: 0 })
  })
})
