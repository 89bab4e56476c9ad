import { describe, expect, it } from 'vitest'
import { type HeartbeatReport, heartbeatReportText, type HeartbeatRow } from './report.ts'

const MIB = 2 ** 20

const subjects: HeartbeatReport['subjects'] = [
  { name: 'ours', version: '1', setup: 'all of it', onNode: true },
  { name: 'raw', version: '1', setup: 'nothing else', onNode: true },
  { name: 'serf', version: '1', setup: 'another way', onNode: false },
]

function row(subject: string, shares: readonly number[], more: Partial<HeartbeatRow> = {}): HeartbeatRow {
  const samples = shares.map((cpuShare) => ({
    cpuShare,
    cpuMicrosPerBeat: cpuShare * 1_000,
    sent: 1_000,
    missed: 0,
    skipped: 0,
    lateMs: [0.5, 1.5],
  }))
  return { subject, peers: 10, samples, firstBytes: 60 * MIB, lastBytes: 64 * MIB, aliveAtEnd: 10, ...more }
}

function textOf(rows: readonly HeartbeatRow[], more: Partial<HeartbeatReport> = {}): string {
  return heartbeatReportText({ subjects, missing: [], broken: [], idleBytes: [], othersShares: [], rows, ...more }, 'raw')
}

describe('heartbeatReportText', () => {
  it('says what is missing and what broke, without a row for it', () => {
    const text = textOf([row('ours', [])], {
      missing: [{ name: 'serf', install: 'apt-get install serf' }],
      broken: [{ name: 'ours', because: 'it ended with 1' }],
    })
    expect(text).toContain('NOT MEASURED: serf: apt-get install serf')
    expect(text).toContain('NOT MEASURED TO THE END: ours: it ended with 1')
    expect(text).not.toMatch(/^\| ours /m)
  })

  it('says it aloud when beats were missed or skipped, or peers were not alive', () => {
    const samples = [{ cpuShare: 0.1, sent: 1_000, missed: 90, skipped: 3, lateMs: [] }]
    const text = textOf([row('ours', [], { samples, aliveAtEnd: 9 })])
    expect(text).toContain('MISSED BEATS: ours, 10 peers: 90 did not come while it sent 1000.')
    expect(text).toContain('SKIPPED BEATS: ours, 10 peers: 3')
    expect(text).toContain('NOT ALL ALIVE: ours: 9 of 10 peers at the end.')
    expect(textOf([row('ours', [0.1])])).not.toMatch(/BEATS|ALIVE/)
  })

  it('leaves out what a node does not count, and the ratio where the floor has another number of peers', () => {
    const samples = [{ cpuShare: 0.01, sent: 0, missed: 0, skipped: 0, lateMs: [] }]
    const text = textOf([row('serf', [], { samples, firstBytes: undefined }), row('raw', [0.1], { peers: 2, aliveAtEnd: 2 })], {
      idleBytes: [50 * MIB],
    })
    expect(text).toMatch(/\| serf +\| +10 \| +1\.00 \| 1\.00 to 1\.00 \| +- \| +- \| +- \| +- \| +- \| +64\.0 \| +- \| +- \|/)
  })

  it('gives medians, the ratio within the windows, lateness and memory', () => {
    const text = textOf([row('ours', [0.02, 0.04, 0.2]), row('raw', [0.01, 0.02, 0.1])], { idleBytes: [50 * MIB] })
    expect(text).toMatch(
      /\| ours +\| +10 \| +4\.00 \| 2\.00 to 20\.0 \| +40\.0 \| +2\.00 \| +1\.00 \| +1\.50 \| +1\.50 \| +64\.0 \| +14\.0 \| +4\.00 \|/,
    )
    expect(text).toContain('A Node that does nothing takes 50.0 MiB.')
  })

  it('warns of figures that others disturbed', () => {
    expect(textOf([row('ours', [0.1])], { othersShares: [0.5] })).toContain('DISTURBED')
  })
})
