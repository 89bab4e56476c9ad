import { expect, it } from 'vitest'
import { toEntry } from '../events.ts'
import type { AppEngineEvent } from './events.ts'

const who = { at: 1, engine: 'edge', pool: 'shop' }

it.each<readonly [AppEngineEvent, string]>([
  [
    { ...who, type: 'engine-changed', cause: 'wanted', changes: ['a is off', 'b serves'] },
    'engine edge follows pool shop: a is off, b serves',
  ],
  [
    { ...who, type: 'engine-changed', cause: 'drift', changes: ['1', '2', '3', '4', '5', '6', '7'] },
    'engine edge was not as pool shop wants it any more, and was repaired: 1, 2, 3, 4, 5 and 2 more',
  ],
  [
    { ...who, type: 'engine-failed', reason: 'unreachable', because: 'nobody listens' },
    'engine edge is not as pool shop wants it (unreachable), and keeps what it was told last: nobody listens',
  ],
  [{ ...who, type: 'engine-recovered', failedForMs: 4_049 }, 'engine edge is as pool shop wants it again, after 4s'],
])('an event reads as a sentence', (event, sentence) => {
  expect(toEntry(event, 1).text).toBe(sentence)
})
