import { describe, expect, it } from 'vitest'
import { pickReportText } from './report.ts'

const subjects = [
  { name: 'a', setup: 'the first' },
  { name: 'b', setup: 'the second' },
]

describe('pickReportText', () => {
  it('says what broke instead of showing a row', () => {
    const text = pickReportText({ subjects, rows: [], broken: [{ name: 'b', because: 'b ended with 1' }] })
    expect(text).toContain('NOT MEASURED TO THE END: b: b ended with 1')
    expect(text).not.toMatch(/^\| b /m)
  })

  it('has a column for each size, with medians and the spread', () => {
    const rows = [
      { subject: 'a', size: 1_000, nanosPerPick: [30, 10, 20], bytesPerPick: [100] },
      { subject: 'a', size: 3, nanosPerPick: [5], bytesPerPick: [102] },
      { subject: 'b', size: 3, nanosPerPick: [7], bytesPerPick: [0] },
    ]
    const lines = pickReportText({ subjects, rows, broken: [] }).split('\n')
    expect(lines[0]).toMatch(/3 targets +\| +1,000 targets +\| bytes per pick/)
    expect(lines[2]).toMatch(/^\| a +\| +5\.00 \(5\.00 to 5\.00\) \| 20\.0 \(10\.0 to 30\.0\) \| +101 \|$/)
    expect(lines[3]).toMatch(/^\| b +\| +7\.00 \(7\.00 to 7\.00\) \| +- \| +0\.00 \|$/)
  })
})
