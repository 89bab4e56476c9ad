import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstGoodAnswerMs, quantile, summarizeLatency } from './latency.ts'
import type { Sample } from './load.ts'

const sample = (dueMs: number, endMs: number, failure?: string): Sample => ({ dueMs, endMs, failure })

describe('a quantile', () => {
  it('of nothing is nothing', () => {
    expect(quantile([], 0.5)).toBeUndefined()
  })

  it.each([
    [0, 1],
    [0.1, 1],
    [0.25, 1],
    [0.5, 2],
    [0.51, 3],
    [0.99, 4],
    [1, 4],
  ])('of share %d among 1, 2, 3, 4 is %d', (share, expected) => {
    expect(quantile([1, 2, 3, 4], share)).toBe(expected)
  })

  it('is the least value that the share of all values does not exceed', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (unsorted, percent) => {
        const sorted = unsorted.toSorted((one, other) => one - other)
        const found = quantile(sorted, percent / 100)
        const enough = (value: number) => sorted.filter((each) => each <= value).length * 100 >= percent * sorted.length
        expect(found).toBe(sorted.find(enough))
      }),
    )
  })
})

describe('a summary', () => {
  const samples = [sample(0, 10), sample(10, 15), sample(20, 1_020, 'late'), sample(30, 31), sample(40, 44)]

  it('has the requests that were due from the start of its span up to its end, however late their answers came', () => {
    expect(summarizeLatency(samples, { fromMs: 10, toMs: 40 })).toEqual({ sent: 3, failed: 1, p50Ms: 5, p99Ms: 1_000, slowestMs: 1_000 })
  })

  it.each([[{ fromMs: 100, toMs: 200 }], [{ fromMs: 20, toMs: 20 }], [{ fromMs: 30, toMs: 10 }]])(
    'of the span %j without a request says so',
    (span) => {
      expect(summarizeLatency(samples, span)).toEqual({ sent: 0, failed: 0, p50Ms: undefined, p99Ms: undefined, slowestMs: undefined })
    },
  )

  it('does not depend on the order in which the answers came', () => {
    const span = { fromMs: 0, toMs: 100 }
    expect(summarizeLatency(samples.toReversed(), span)).toEqual(summarizeLatency(samples, span))
  })

  it('of spans that follow one another has each request once', () => {
    const due = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 100 })
    fc.assert(
      fc.property(due, fc.integer({ min: 0, max: 100 }), (dues, cut) => {
        const all = dues.map((dueMs) => sample(dueMs, dueMs + 1))
        const parts = [summarizeLatency(all, { fromMs: 0, toMs: cut }), summarizeLatency(all, { fromMs: cut, toMs: Infinity })]
        expect(parts.reduce((total, { sent }) => total + sent, 0)).toBe(all.length)
      }),
    )
  })
})

describe('the first good answer', () => {
  it.each([
    ['nothing was sent', [], undefined],
    ['every request failed', [sample(10, 12, 'refused'), sample(20, 22, 'refused')], undefined],
    ['a good one was due before', [sample(9, 11)], undefined],
    ['one is due at that very moment', [sample(10, 12)], 2],
    ['a later one is answered earlier', [sample(11, 500), sample(20, 25), sample(30, 31)], 15],
    ['the earlier ones failed', [sample(11, 12, 'refused'), sample(20, 21, 'refused'), sample(30, 33)], 23],
  ] satisfies [string, Sample[], number | undefined][])('when %s', (_what, samples, expected) => {
    expect(firstGoodAnswerMs(samples, 10)).toBe(expected)
  })

  it('is found among more samples than an argument list holds', () => {
    expect(
      firstGoodAnswerMs(
        Array.from({ length: 300_000 }, (_value, index) => sample(index, index + 5)),
        1_000,
      ),
    ).toBe(5)
  })
})
