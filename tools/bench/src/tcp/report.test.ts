import { expect, it } from 'vitest'
import { type TcpReport, tcpReportText, type TcpRow } from './report.ts'

function row(system: string, cpu: readonly number[], failures = 0): TcpRow {
  return { system, load: 'bulk', unit: 'MiB', samples: cpu.map((cpuMicros) => ({ cpuMicros, perSecond: 100, requests: 10, failures })) }
}

const textOf = (rows: readonly TcpRow[], more: Partial<TcpReport> = {}) =>
  tcpReportText({ systems: [], missing: [], broken: [], rows, ...more }, 'HAProxy')

it('says what is missing, what broke and what failed', () => {
  const text = textOf([row('a', [1], 2), row('b', [])], {
    missing: [{ name: 'HAProxy', install: 'apt-get install haproxy' }],
    broken: [{ name: 'b', because: 'b ended with 1' }],
  })
  expect(text).toContain('MISSING: HAProxy: apt-get install haproxy')
  expect(text).toContain('NOT MEASURED TO THE END: b: b ended with 1')
  expect(text).toContain('FAILED REQUESTS: a, bulk: 2 besides 10 that were answered.')
  expect(text).not.toMatch(/^\| b /m)
})

it('sets each system against HAProxy, round by round', () => {
  expect(textOf([row('a', [2, 30, 4]), row('HAProxy', [1, 10, 4])])).toMatch(
    /^\| a +\| +bulk \| +MiB \| +4\.00 \| 2\.00 to 30\.0 \| +2\.00 \|/m,
  )
})
