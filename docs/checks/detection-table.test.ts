import { formatDuration, parseDuration } from '@hotspare/core'
import { detectionBoundMs } from '@hotspare/health'
import { expect, it } from 'vitest'
import { readPage } from './markdown-blocks.ts'

const rows = [...readPage('guide/detection.md').matchAll(/^\| (\d\w+) \| (\d\w+) \| (\d+) \| (\S+) \|$/gm)].map(
  ([, interval = '', timeout = '', fall = '', bound = '']) => [interval, timeout, fall, bound] as const,
)

it('the table of the detection bound has rows', () => {
  expect(rows.length).toBeGreaterThan(3)
})

it.each(rows)('interval %s, timeout %s and fall %s notice a death within %s', (interval, timeout, fall, bound) => {
  const boundMs = detectionBoundMs({ intervalMs: parseDuration(interval), timeoutMs: parseDuration(timeout), fall: Number(fall) })
  expect(formatDuration(boundMs)).toBe(bound)
})
