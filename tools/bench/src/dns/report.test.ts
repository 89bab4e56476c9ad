import { expect, it } from 'vitest'
import { type DnsReport, dnsReportText, type DnsRow } from './report.ts'

function row(system: string, cpu: readonly number[], more: { lost?: number; failed?: number } = {}): DnsRow {
  const samples = cpu.map((cpuMicros) => ({ cpuMicros, perSecond: 100, latencyMs: 1, answered: 10, lost: 0, failed: 0, ...more }))
  return { system, load: 'busy', samples }
}

const textOf = (rows: readonly DnsRow[], more: Partial<DnsReport> = {}) =>
  dnsReportText({ systems: [], missing: [], broken: [], reactions: [], othersShares: [], rows, ...more }, 'gdnsd')

it('says what is missing, what broke, what was lost and what failed', () => {
  const text = textOf([row('a', [1], { lost: 2, failed: 3 }), row('b', [])], {
    missing: [{ name: 'gdnsd', install: 'apt-get install gdnsd' }],
    broken: [{ name: 'b', because: 'b ended with 1' }],
  })
  expect(text).toContain('MISSING: gdnsd: apt-get install gdnsd')
  expect(text).toContain('NOT MEASURED TO THE END: b: b ended with 1')
  expect(text).toContain('LOST: a, busy: 2 questions without an answer besides 10 with one.')
  expect(text).toContain('FAILED: a, busy: 3 of 10 answers were neither NOERROR nor NXDOMAIN.')
  expect(text).not.toMatch(/^\| b /m)
})

it('sets each server against gdnsd, round by round, and shows how long changes took', () => {
  const text = textOf([row('a', [2, 30, 4]), row('gdnsd', [1, 10, 4])], { reactions: [{ system: 'a', ms: [1, 2, 3] }] })
  expect(text).toMatch(/^\| a +\| +busy \| +4\.00 \| 2\.00 to 30\.0 \| +2\.00 \| +250,000 \|/m)
  expect(text).toMatch(/^\| a +\| +3 \| +2\.00 \| +2\.98 \| +3\.00 \|$/m)
})
