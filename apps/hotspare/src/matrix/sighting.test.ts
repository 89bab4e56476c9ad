import { describe, expect, it } from 'vitest'
import type { Forecast } from './forecast.ts'
import { contradictions, type Sighting } from './sighting.ts'

const forecast: Forecast = {
  service: 'shop',
  failure: { kind: 'power', node: 'a' },
  role: 'active',
  movesTo: ['b'],
  noticed: { atMostMs: 1_000, formula: '1s' },
  outage: { type: 'bounded', atMostMs: 3_000, formula: '3s' },
  twoHolders: { type: 'never', because: 'it is so' },
  people: 'nothing',
}
const sighting: Sighting = {
  seed: 1,
  noticedMs: 900,
  unservedMs: 2_900,
  unservedAfterMs: 0,
  twoHoldersMs: 0,
  lingeringMs: 0,
  holders: ['b'],
  violations: [],
}
const after = { atMostMs: 500, formula: '500ms' }

describe('a run', () => {
  it.each<[string, Partial<Forecast>, Partial<Sighting>, RegExp]>([
    ['that served later', {}, { unservedMs: 3_001 }, /^nobody served for 3\.001s, and at most 3s was foretold$/],
    ['that failed twice for a while', {}, { unservedMs: 2_000, unservedAfterMs: 1_100 }, /^nobody served/],
    [
      'with an outage where none was foretold',
      { outage: { type: 'none', because: '' }, movesTo: [] },
      { unservedMs: 5, holders: ['a'] },
      /at most 0ms/,
    ],
    [
      'that was not served soon after the mending',
      { outage: { type: 'until', until: 'x', because: '', after } },
      { unservedMs: 9e9, unservedAfterMs: 501 },
      /at most 500ms/,
    ],
    ['with two holders', {}, { twoHoldersMs: 1 }, /^there were two holders for 1ms/],
    [
      'with two holders for longer',
      { twoHolders: { type: 'bounded', because: '', ...after } },
      { twoHoldersMs: 501 },
      /^there were two holders/,
    ],
    [
      'with two holders long after the mending',
      { twoHolders: { type: 'until-mended', because: '', after } },
      { twoHoldersMs: 9e9, lingeringMs: 501 },
      /^after the end/,
    ],
    ['that noticed later', {}, { noticedMs: 1_001 }, /^nobody noticed for 1\.001s/],
    ['that went elsewhere', {}, { holders: ['c'] }, /^it was to be on b, and was on c$/],
    ['that went nowhere', {}, { holders: [] }, /was on no node$/],
    [
      'that moved though it was to stay',
      { movesTo: [], outage: { type: 'none', because: '' } },
      { unservedMs: 0, holders: ['b'] },
      /^it was to be on a, and was on b$/,
    ],
    ['that the simulator itself finds wrong', {}, { violations: ['two holders of shop'] }, /^two holders of shop$/],
  ])('%s contradicts the forecast', (_, changedForecast, changedSighting, expected) => {
    const found = contradictions({ ...forecast, ...changedForecast }, 'a', { ...sighting, ...changedSighting })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(expected)
  })

  it('within all bounds contradicts nothing', () => {
    expect(contradictions(forecast, 'a', sighting)).toEqual([])
    expect(contradictions(forecast, 'a', { ...sighting, unservedMs: 3_000, noticedMs: 1_000 })).toEqual([])
    expect(contradictions(forecast, 'a', { ...sighting, noticedMs: undefined })).toEqual([])
  })

  it('counts as the mending lasts, not while the failure does, where nothing of ours ends it', () => {
    const until: Forecast = { ...forecast, movesTo: [], outage: { type: 'until', until: 'x', because: '' } }
    expect(contradictions(until, 'a', { ...sighting, unservedMs: 9e9, holders: [] })).toEqual([])
  })
})
