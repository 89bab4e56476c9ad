import { describe, expect, it } from 'vitest'
import { type ProbeReport, type ProbeRow, probeReportText } from './report.ts'
import type { ProbeSample } from './sample.ts'

const sample: ProbeSample = { probesPerCpuSecond: 8_000, probesPerSecond: 1_000, cpuShare: 0.125, probes: 4_000, due: 4_000 }

function row(subject: string, rates: readonly number[], more: Partial<ProbeSample & ProbeRow> = {}): ProbeRow {
  const { isBusy = false, ...rest } = more
  return { subject, load: 'HTTP', isBusy, samples: rates.map((probesPerCpuSecond) => ({ ...sample, ...rest, probesPerCpuSecond })) }
}

function textOf(rows: readonly ProbeRow[], more: Partial<ProbeReport> = {}): string {
  return probeReportText({ subjects: [], missing: [], broken: [], rows, many: [], verdicts: [], ...more }, ['blackbox_exporter'])
}

describe('probeReportText', () => {
  it('says plainly what is missing, and has no ratio to it', () => {
    const text = textOf([row('Hotspare', [8_000])], { missing: [{ name: 'blackbox_exporter', install: 'apt-get install it' }] })
    expect(text).toContain('MISSING: blackbox_exporter: apt-get install it')
    expect(text).toMatch(/\| Hotspare \| HTTP \| +8,000 \| 8,000 to 8,000 \| +- \|/)
  })

  it('says what broke, and leaves out a row without samples', () => {
    const text = textOf([row('HAProxy', [])], { broken: [{ name: 'HAProxy', because: 'it ended with 1' }] })
    expect(text).toContain('NOT MEASURED TO THE END: HAProxy: it ended with 1')
    expect(text).not.toMatch(/^\| HAProxy /m)
  })

  it('says it aloud when probes failed, or fewer were made than were due', () => {
    expect(textOf([row('a', [1, 1], { failed: 3 })])).toContain('FAILED PROBES: a, HTTP: 6 while 8000 reached a target.')
    expect(textOf([row('a', [1], { probes: 3_000 })])).toContain('FELL BEHIND: a, HTTP: 75 % of what was due.')
    expect(textOf([row('a', [1], { probes: 3_000, isBusy: true })])).not.toContain('FELL BEHIND')
  })

  it('gives medians, the spread and the ratio within the rounds', () => {
    const text = textOf([row('blackbox_exporter', [1_000, 4_000, 2_000]), row('Hotspare', [4_000, 12_000, 8_000])])
    expect(text).toMatch(/\| Hotspare +\| HTTP \| +8,000 \| +4,000 to 12,000 \| +4\.00 \| +1,000 \| +12\.5 \|/)
  })

  it('has the growth of memory from few targets to many, and how punctual the looks were', () => {
    const kept = { started: 50_000, late: 7, missed: 1, p99Ms: 12, worstMs: 250 }
    const many = {
      subject: 'Hotspare',
      sample,
      counts: { failed: 0, punctuality: kept },
      residentBytes: 240 * 2 ** 20,
      fewBytes: 80 * 2 ** 20,
    }
    expect(textOf([], { many: [many] })).toMatch(
      /\| Hotspare \| +1,000 \| +12\.5 \| 7 of 50000 \| +1 \| +12\.0 \| +250 \| +240 \| +20\.5 \|/,
    )
  })

  it('has the cost of a verdict', () => {
    expect(textOf([], { verdicts: [{ nanosPerStep: 50, microsPerLook: 9, transitions: 1 }] })).toContain(
      '50.0 (50.0 to 50.0) ns for a step',
    )
  })
})
