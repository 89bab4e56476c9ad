import { describe, expect, it } from 'vitest'
import { type PickReport, pickReportText } from './report.ts'

const subjects = [
  { name: 'ours', kind: 'pick', isPeer: false, setup: 'the first' },
  { name: 'theirs', kind: 'pick', isPeer: true, setup: 'the second' },
  { name: 'table', kind: 'rebuild', isPeer: false, setup: 'the third' },
] as const
const versions = [{ name: 'theirs', version: '1.2.3' }]

function report(rows: PickReport['rows'], broken: PickReport['broken'] = []): PickReport {
  return { subjects, versions, rows, broken }
}

describe('pickReportText', () => {
  it('says what broke instead of showing a row', () => {
    const text = pickReportText(report([], [{ name: 'theirs', because: 'theirs ended with 1' }]))
    expect(text).toContain('NOT MEASURED TO THE END: theirs: theirs ended with 1')
    expect(text).not.toMatch(/^\|/m)
  })

  it('has no ratio to a peer that was not measured', () => {
    const text = pickReportText(report([{ subject: 'ours', size: 10, nanosPerPick: [5], bytesPerPick: [100] }]))
    expect(text).not.toContain('x theirs')
  })

  it('has a row for each subject and size, with the ratio to its peer of the same size, round by round', () => {
    const rows = [
      { subject: 'ours', size: 10, nanosPerPick: [10, 40, 30], bytesPerPick: [100, 104] },
      { subject: 'ours', size: 1_000, nanosPerPick: [50], bytesPerPick: [100] },
      { subject: 'theirs', size: 10, nanosPerPick: [20, 20, 20], bytesPerPick: [0] },
    ]
    const lines = pickReportText(report(rows))
      .split('\n')
      .filter((line) => line.startsWith('|'))
    expect(lines[0]).toMatch(/^\| pick +\| +targets +\| +ns \| +spread \| +x theirs \| +bytes \|$/)
    expect(lines[2]).toMatch(/^\| ours +\| +10 \| +30\.0 \| +10\.0 to 40\.0 \| +1\.50 \| +102 \|$/)
    expect(lines[3]).toMatch(/^\| ours +\| +1,000 \| +50\.0 \| +50\.0 to 50\.0 \| +- \| +100 \|$/)
    expect(lines[4]).toMatch(/^\| theirs +\| +10 \| +20\.0 \| +20\.0 to 20\.0 \| +1\.00 \| +0\.00 \|$/)
    expect(lines).toHaveLength(5)
  })

  it('shows rebuilds in milliseconds, without bytes', () => {
    const text = pickReportText(report([{ subject: 'table', size: 100, nanosPerPick: [2_500_000], bytesPerPick: [] }]))
    expect(text).toMatch(/\| rebuild +\| +targets +\| +ms \| +spread \|/)
    expect(text).toMatch(/\| table +\| +100 \| +2\.50 \| 2\.50 to 2\.50 \|/)
    expect(text).not.toContain('bytes')
  })

  it('says which versions were measured', () => {
    expect(pickReportText(report([]))).toContain('Versions: theirs 1.2.3.')
  })
})
