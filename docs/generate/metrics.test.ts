import { expect, it } from 'vitest'
import { parseExposition } from './metrics.ts'

it('reads names, types, help and labels, without the limits of a histogram', () => {
  const text = [
    '# HELP x_total What it counts',
    '# TYPE x_total counter',
    'x_total{target="a{b",result="ok"} 1',
    '# HELP x_seconds How long',
    '# UNIT x_seconds s',
    '# TYPE x_seconds histogram',
    'x_seconds_bucket{proxy="w",le="1"} 1',
    'x_seconds_sum{proxy="w"} 1',
    '# HELP x_bytes How much',
    '# TYPE x_bytes gauge',
    'x_bytes 1',
  ].join('\n')
  expect(parseExposition(text)).toEqual([
    { name: 'x_total', type: 'counter', help: 'What it counts', labels: ['target', 'result'] },
    { name: 'x_seconds', type: 'histogram', help: 'How long', labels: ['proxy'] },
    { name: 'x_bytes', type: 'gauge', help: 'How much', labels: [] },
  ])
})
