import { describe, expect, it } from 'vitest'
import type { AttemptFailure } from './failure.ts'
import { decideRetry, type RetryQuestion, statusOfFailure } from './retry-policy.ts'

const unsent: AttemptFailure = { reason: 'refused', detail: '', sent: false }
const sent: AttemptFailure = { reason: 'closed', detail: '', sent: true }
const question: RetryQuestion = { method: 'GET', bodyReplayable: true, answerStarted: false, attempts: 1, maxAttempts: 3, failure: sent }

describe('decideRetry', () => {
  it.each([
    ['a GET that was sent', {}, true],
    ['a PUT with its body kept', { method: 'PUT' }, true],
    ['a POST that may have reached the target', { method: 'POST' }, false],
    ['a POST of which no byte has left', { method: 'POST', failure: unsent }, true],
    ['an unknown method that was sent', { method: 'BREW' }, false],
    ['a GET whose answer has begun', { answerStarted: true }, false],
    ['a PUT whose body has flowed through', { method: 'PUT', bodyReplayable: false }, false],
    ['the last attempt', { attempts: 3 }, false],
  ] satisfies [string, Partial<RetryQuestion>, boolean][])('%s: %o -> %s', (_name, change, expected) => {
    expect(decideRetry({ ...question, ...change }).retry).toBe(expected)
  })
})

it.each([
  ['refused', 502],
  ['unreachable', 504],
  ['closed', 502],
  ['timeout', 504],
  ['protocol', 502],
  ['header-overflow', 502],
  ['tls', 502],
  ['full', 503],
  ['local', 503],
  ['abandoned', 503],
] as const)('a final failure "%s" is told as %i', (reason, status) => {
  expect(statusOfFailure({ ...sent, reason })).toBe(status)
})
