import type { OutlierEvent } from '@hotspare/health/outliers'
import { expect, it } from 'vitest'
import { logLevelOf, toEntry } from './events.ts'

const at = 1
const target = { at, targetId: 'shop/a' }
const because = '5 requests in a row failed'

it.each<[OutlierEvent, string, string]>([
  [
    { type: 'target-ejected', ...target, cause: 'consecutive-errors', because, forMs: 30_400.7, ejections: 1 },
    'warn',
    'shop/a is put aside for 30401 ms, beside its health: 5 requests in a row failed',
  ],
  [{ type: 'target-returned', ...target, because: 'its time is over' }, 'info', 'shop/a is put aside no longer: its time is over'],
  [
    {
      type: 'ejection-withheld',
      ...target,
      cause: 'consecutive-errors',
      because: `${because}; it stays, since it is the last one that is left`,
    },
    'warn',
    'shop/a stands out beside its peers: 5 requests in a row failed; it stays, since it is the last one that is left',
  ],
  [
    { type: 'back-off-started', ...target, because: 'it asked for it, 5 times in a row', forMs: 1_000 },
    'info',
    'shop/a is left alone for 1000 ms: it asked for it, 5 times in a row',
  ],
  [
    { type: 'back-off-ended', ...target, because: 'the time that it asked for is over' },
    'info',
    'shop/a is left alone no longer: the time that it asked for is over',
  ],
])('%j has its sentence and its level in the log', (event, level, sentence) => {
  expect(toEntry(event, 7)).toEqual({ ...event, sequence: 7, text: sentence })
  expect(logLevelOf(event)).toBe(level)
})
