import { expect, it } from 'vitest'
import { decideReconnect } from './reconnect-policy.ts'

const refused = { reason: 'refused', detail: '', sent: false } as const
const local = { reason: 'local', detail: '', sent: false } as const
const question = { failure: refused, attempts: 1, maxAttempts: 3, remainingMs: 1 }

it.each([
  [
    { ...question, attempts: 3 },
    { retry: false, because: '3 attempts were made' },
  ],
  [
    { ...question, attempts: 1, maxAttempts: 1 },
    { retry: false, because: '1 attempt was made' },
  ],
  [
    { ...question, remainingMs: 0 },
    { retry: false, because: 'the time to open a connection is over' },
  ],
  [question, { retry: true, charged: true }],
  [
    { ...question, failure: local },
    { retry: true, charged: false },
  ],
])('after %j it is %j', (asked, decision) => {
  expect(decideReconnect(asked)).toEqual(decision)
})
