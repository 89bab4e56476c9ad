import { describe, expect, it } from 'vitest'
import { type LeaseReport, leaseReportText, type LeaseRow } from './report.ts'

const subjects: LeaseReport['subjects'] = [
  { name: 'ours', store: 'etcd', role: 'hotspare', setup: 'a driver' },
  { name: 'bare', store: 'etcd', role: 'floor', setup: 'nothing else' },
  { name: 'theirs', store: 'etcd', role: 'alternative', setup: 'another way' },
  { name: 'elsewhere', store: 'sqlite', role: 'floor', setup: 'another store' },
]

function row(subject: string, rates: readonly number[], leases = 1, othersShare?: number): LeaseRow {
  return {
    subject,
    leases,
    samples: rates.map((renewalsPerSecond) => ({
      renewalsPerSecond,
      p50Micros: 400,
      p99Micros: 900,
      cpuMicros: 100_000 / renewalsPerSecond,
      serverCpuMicros: subject === 'elsewhere' ? undefined : 70,
      othersShare,
    })),
  }
}

function textOf(rows: readonly LeaseRow[], more: Partial<LeaseReport> = {}): string {
  return leaseReportText({ subjects, stores: [{ name: 'etcd', version: '3.4' }], missing: [], broken: [], rows, ...more })
}

describe('leaseReportText', () => {
  it('says which store is not measured, and how to get it', () => {
    expect(textOf([], { missing: [{ name: 'postgres', install: 'apt-get install postgresql' }] })).toContain(
      'NOT MEASURED: postgres: apt-get install postgresql',
    )
  })

  it('says what broke, and leaves out a row without samples', () => {
    const text = textOf([row('ours', [])], { broken: [{ name: 'ours', because: 'etcd ended with 1' }] })
    expect(text).toContain('NOT MEASURED TO THE END: ours: etcd ended with 1')
    expect(text).not.toMatch(/^\| ours /m)
  })

  it('has no ratio where the floor was not measured, or was measured with other leases or in another store', () => {
    const text = textOf([row('ours', [500]), row('bare', [1_000], 8), row('elsewhere', [1_000])])
    expect(text).toMatch(/\| ours +\| +1 \| +500 \| +500 to 500 \| +- \| +- \| +400 \| +900 \| +200 \| +- \| +70\.0 \|/)
  })

  it('sets time and CPU time against the floor, and time against the other way, within the rounds', () => {
    const text = textOf([row('ours', [500, 50, 400]), row('bare', [1_000, 100, 800]), row('theirs', [2_000, 200, 1_600])])
    expect(text).toMatch(/\| ours +\| +1 \| +400 \| +50\.0 to 500 \| +2\.00 \| +4\.00 \| +400 \| +900 \| +250 \| +2\.00 \|/)
    expect(text).toMatch(/\| theirs .* 0\.50 \| +1\.00 \|/)
  })

  it('shows no CPU time of a server where there is none', () => {
    expect(textOf([row('elsewhere', [100])])).toMatch(/\| elsewhere .*\| +- \|$/m)
  })

  it('warns of figures that others disturbed', () => {
    expect(textOf([row('ours', [1], 1, 0.4)])).toContain('DISTURBED')
    expect(textOf([row('ours', [1], 1, 0.04)])).not.toContain('DISTURBED')
  })
})
