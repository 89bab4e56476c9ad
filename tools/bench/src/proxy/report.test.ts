import { describe, expect, it } from 'vitest'
import { type ProxyReport, proxyReportText, type ProxyRow } from './report.ts'

function row(system: string, cpu: readonly number[], failures = 0, othersShare?: number): ProxyRow {
  return {
    system,
    body: '100 B',
    samples: cpu.map((cpuMicrosPerRequest) => ({
      cpuMicrosPerRequest,
      requestsPerSecond: 20_000,
      p50Micros: 400,
      p99Micros: 900,
      requests: 100,
      failures,
      othersShare,
    })),
  }
}

function reportOf(rows: readonly ProxyRow[], more: Partial<ProxyReport> = {}): string {
  return proxyReportText({ systems: [], missing: [], broken: [], idle: [], rows, ...more }, ['nginx'])
}

describe('proxyReportText', () => {
  it('names what is missing, and how to get it, without a row for it', () => {
    const text = reportOf([], { missing: [{ name: 'HAProxy', install: 'apt-get install haproxy' }] })
    expect(text).toContain('MISSING: HAProxy: apt-get install haproxy')
    expect(text).not.toMatch(/^\| HAProxy /m)
  })

  it('says what broke, and leaves out a row without samples', () => {
    const text = reportOf([row('nginx', [])], { broken: [{ name: 'nginx', because: 'nginx ended with 1' }] })
    expect(text).toContain('NOT MEASURED TO THE END: nginx: nginx ended with 1')
    expect(text).not.toMatch(/^\| nginx /m)
  })

  it('says it aloud when requests failed', () => {
    expect(reportOf([row('a', [10, 10], 3)])).toContain('FAILED REQUESTS: a, 100 B: 6 besides 200 that were answered.')
    expect(reportOf([row('a', [10, 10])])).not.toContain('FAILED')
  })

  it('has no ratio where the reference was not measured', () => {
    expect(reportOf([row('a', [10])])).toMatch(/\| a +\| 100 B \| +10\.0 \| 10\.0 to 10\.0 \| +- \|/)
  })

  it('gives medians, the spread and the ratio within the rounds', () => {
    const text = reportOf([row('nginx', [10, 100, 12]), row('a', [20, 200, 24])])
    expect(text).toMatch(/\| a +\| 100 B \| +24\.0 \| +20\.0 to 200 \| +2\.00 \| +20,000 \| +400 \| +900 \|/)
  })

  it('says what an idle connection takes', () => {
    expect(reportOf([], { idle: [{ system: 'a', bytes: 6_144 }] })).toMatch(/\| a +\| +6\.00 \|/)
  })

  it('warns of figures that others disturbed', () => {
    expect(reportOf([row('a', [10], 0, 0.4)])).toContain('DISTURBED')
    expect(reportOf([row('a', [10], 0, 0.04)])).not.toContain('DISTURBED')
  })

  it('says how busy others kept the core', () => {
    expect(reportOf([row('a', [10], 0, 0.02), row('b', [10], 0, 0.3), row('c', [10], 0, 0.04)])).toContain(
      "Other processes took 4 % of the proxies' core in the median turn, 30 % in the worst.",
    )
  })
})
