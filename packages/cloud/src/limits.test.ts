import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readLimits } from './limits.ts'

const clock = new TestClock()
const nowSeconds = Math.floor(clock.wallMs() / 1_000)
const read = (headers: Record<string, string>, refill?: 'at-once' | 'steady') => readLimits((name) => headers[name], clock, refill)

describe('readLimits', () => {
  it('finds nothing where nothing is said, or nothing that can be read', () => {
    const nothing = { retryAfterMs: undefined, remaining: undefined, resetMs: undefined }
    expect(read({})).toEqual(nothing)
    expect(read({ 'retry-after': 'soon', ratelimit: 'default', 'x-ratelimit-remaining': 'many', 'ratelimit-reset': '-1' })).toEqual(nothing)
  })

  it.each([
    ['a delay', { 'retry-after': '7', 'ratelimit-remaining': '3' }, { retryAfterMs: 7_000, remaining: 3, resetMs: undefined }],
    ['seconds until the reset', { 'ratelimit-remaining': '0', 'ratelimit-reset': '30' }, { remaining: 0, resetMs: 30_000 }],
    [
      'the date of the reset',
      { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset': `${nowSeconds + 60}` },
      { remaining: 5, resetMs: 60_000 },
    ],
    [
      'a date in milliseconds',
      { 'x-rate-limit-remaining': '1', 'x-rate-limit-reset': `${(nowSeconds + 5) * 1_000}` },
      { remaining: 1, resetMs: 5_000 },
    ],
    ['a reset that is over', { 'ratelimit-remaining': '0', 'ratelimit-reset': `${nowSeconds - 60}` }, { remaining: 0, resetMs: 0 }],
    ['a fraction of a second', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '0.25' }, { remaining: 0, resetMs: 250 }],
    [
      'a period',
      { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '0', 'x-ratelimit-period': '10' },
      { remaining: 0, resetMs: 10_000 },
    ],
    ['the draft of the IETF', { ratelimit: '"default";r=50;t=30' }, { remaining: 50, resetMs: 30_000 }],
    ['the tightest of several', { ratelimit: '"day";r=900;t=3600, "second";r=0;t=1' }, { remaining: 0, resetMs: 1_000 }],
    ['a list of policies', { 'ratelimit-remaining': '12, 12;w=60' }, { remaining: 12, resetMs: undefined }],
  ])('reads %s', (_, headers, expected) => {
    expect(read(headers)).toMatchObject(expected)
  })

  it('takes the time of one call where they come back one after the other', () => {
    const headers = { 'ratelimit-limit': '3600', 'ratelimit-remaining': '0', 'ratelimit-reset': `${nowSeconds + 3_600}` }
    expect(read(headers, 'steady').resetMs).toBe(1_000)
    expect(read({ 'ratelimit-remaining': '0', 'ratelimit-reset': '3600' }, 'steady').resetMs).toBe(5_000)
  })

  it('makes of any text no number that is none', () => {
    const names = ['retry-after', 'ratelimit', 'ratelimit-remaining', 'ratelimit-reset', 'x-ratelimit-limit', 'x-ratelimit-reset-after']
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9;,=rt". -]{0,24}$/))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), text), fc.constantFrom('at-once', 'steady'), (headers, refill) => {
        for (const value of Object.values(read(headers, refill))) expect(value === undefined || value >= 0).toBe(true)
      }),
    )
  })
})
