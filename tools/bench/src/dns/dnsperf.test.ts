import { expect, it } from 'vitest'
import { parseDnsperf } from './dnsperf.ts'

const REPORT = `DNS Performance Testing Tool
Version 2.10.0

[Status] Sending queries (to 127.0.0.1:5300)
Statistics:

  Queries sent:         109500
  Queries completed:    109480 (99.98%)
  Queries lost:         20 (0.02%)

  Response codes:       NOERROR 98532 (90.00%), SERVFAIL 3 (0.00%), NXDOMAIN 10945 (10.00%)
  Average packet size:  request 36, response 54
  Run time (s):         2.001234
  Queries per second:   54706.246

  Average Latency (s):  0.001812 (min 0.000041, max 0.010203)
  Latency StdDev (s):   0.000312
`

it.each(['', 'Error: no such file', REPORT.replace('Run time', 'Time')])('finds no report in what is none', (text) => {
  expect(parseDnsperf(text)).toBeUndefined()
})

it('reads what dnsperf prints', () => {
  expect(parseDnsperf(REPORT)).toEqual({ answered: 109_480, lost: 20, seconds: 2.001_234, failed: 3, averageLatencyMs: 1.812 })
})
