import { describe, expect, it } from 'vitest'
import type { Forecast } from '../matrix/forecast.ts'
import type { MatrixRow } from '../matrix/row.ts'
import { planRehearsal } from './rehearsal-plan.ts'
import { usersConfig } from './rehearsal.fixture.ts'
import type { RehearsedRow } from './rehearse.ts'
import { formatRows, introduction, whatFails } from './report.ts'

const forecast = (changes: Partial<Forecast>): Forecast => ({
  service: 'shop',
  failure: { kind: 'power', node: 'web-1' },
  role: 'active',
  movesTo: ['web-2'],
  noticed: undefined,
  outage: { type: 'bounded', atMostMs: 3_401, formula: '', because: '' },
  twoHolders: { type: 'never', because: '' },
  people: '',
  ...changes,
})

const row = (
  changes: Partial<Forecast> = {},
  more: Partial<Omit<RehearsedRow, 'measured'>> & { measured?: object } = {},
): RehearsedRow => ({
  kind: 'power',
  forecast: forecast(changes),
  broken: [],
  ...more,
  measured: {
    gapMs: 2_250,
    noiseMs: 7,
    failed: 443,
    sent: 935,
    twoHoldersMs: 0,
    twoHoldersAfterMs: 0,
    before: 'web-1',
    holders: ['web-2'],
    ...more.measured,
  },
})

describe('the table', () => {
  it('says BEYOND at the row, and below it of whom and by how much', () => {
    const lines = formatRows([row(), row({}, { broken: ['nobody served for 9000 ms, and 3401 were foretold'] })])
    expect(lines[1]).toMatch(/as foretold$/)
    expect(lines[2]).toMatch(/BEYOND$/)
    expect(lines.slice(3)).toEqual(['BEYOND: web-1 loses power: nobody served for 9000 ms, and 3401 were foretold'])
  })

  it('names the node that was active, and not the one of the forecast', () => {
    expect(whatFails(row({}, { measured: { before: 'web-2' } }))).toBe('web-2 loses power')
    const cut: MatrixRow['failure'] = { kind: 'link-cut', nodes: ['web-1', 'web-2'] }
    expect(whatFails(row({ failure: cut }, { measured: { before: 'web-2' } }))).toBe('link web-2 - web-1 cut')
  })

  it('rounds what was foretold up, so that what is as foretold never looks longer', () => {
    expect(formatRows([row()])[1]).toContain('3.41s')
  })

  it('shows an outage that nothing ends, two holders, and nobody afterwards', () => {
    const [, line] = formatRows([
      row(
        {
          outage: { type: 'until', until: 'mended', because: '' },
          twoHolders: { type: 'until-mended', because: '', after: { atMostMs: 1, formula: '' } },
        },
        { measured: { twoHoldersMs: 1_612, holders: [] } },
      ),
    ])
    expect(line).toMatch(/until mended .* 1\.612s, foretold +no node +as foretold$/)
    expect(formatRows([row({}, { measured: { twoHoldersMs: 40, holders: ['web-1', 'web-2'] } })])[1]).toMatch(/ 40ms +web-1 and web-2 /)
  })
})

it('tells first what is rehearsed, and what plays the rest', async () => {
  const { config } = await usersConfig()
  const plan = planRehearsal(config, 'shop')
  if (!plan) throw new Error('it can be rehearsed')
  const [first, ...rest] = introduction('hotspare.yaml', plan)
  expect(first).toBe('rehearsing hotspare.yaml: service shop at 10.0.0.100, release, on web-2, web-1 of 2 nodes')
  expect(rest).toEqual(plan.stagings.map((staging) => `  ${staging}`))
})
