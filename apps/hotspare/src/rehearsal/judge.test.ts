import { describe, expect, it } from 'vitest'
import type { Forecast } from '../matrix/forecast.ts'
import { judge, type Measured } from './judge.ts'

const measured = (given: Partial<Measured> = {}): Measured => ({
  gapMs: 8,
  noiseMs: 7,
  failed: 0,
  sent: 600,
  twoHoldersMs: 0,
  twoHoldersAfterMs: 0,
  before: 'web-1',
  holders: ['web-2'],
  ...given,
})
const bound = (atMostMs: number) => ({ atMostMs, formula: '' })
const never: Forecast['twoHolders'] = { type: 'never', because: '' }
const within: Forecast['outage'] = { type: 'bounded', ...bound(1_000) }

describe('what went beyond the forecast', () => {
  it('is an outage that was longer, by more than a client may be late', () => {
    expect(judge({ outage: within, twoHolders: never }, measured({ gapMs: 1_158 }))[0]).toContain('nobody served for 1158 ms')
    expect(judge({ outage: within, twoHolders: never }, measured({ gapMs: 1_157 }))).toEqual([])
  })

  it('is any outage where none was foretold', () => {
    const none: Forecast['outage'] = { type: 'none', because: '' }
    expect(judge({ outage: none, twoHolders: never }, measured({ gapMs: 200 }))).toHaveLength(1)
    expect(judge({ outage: none, twoHolders: never }, measured())).toEqual([])
  })

  it('is any time with two holders where there should never be two', () => {
    expect(judge({ outage: within, twoHolders: never }, measured({ twoHoldersMs: 1 }))[0]).toContain('two nodes had the address for 1 ms')
  })

  it('is two holders after the failure was mended, where they were foretold until then', () => {
    const until: Forecast['twoHolders'] = { type: 'until-mended', because: '', after: bound(100) }
    expect(judge({ outage: within, twoHolders: until }, measured({ twoHoldersMs: 9_000, twoHoldersAfterMs: 257 }))).toEqual([])
    expect(judge({ outage: within, twoHolders: until }, measured({ twoHoldersMs: 9_000, twoHoldersAfterMs: 258 }))).toHaveLength(1)
  })

  it('is no outage where the service is away until the failure is mended', () => {
    const until: Forecast['outage'] = { type: 'until', until: 'mended', because: '' }
    expect(judge({ outage: until, twoHolders: never }, measured({ gapMs: 60_000 }))).toEqual([])
  })
})
