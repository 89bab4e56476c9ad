import { expect, it } from 'vitest'
import { blameOf, reasonOf, reasonOfStatus } from './request-end.ts'

it.each([
  [400, 'bad-request'],
  [431, 'bad-request'],
  [501, 'bad-request'],
  [408, 'client-too-slow'],
  [413, 'body-too-large'],
  [500, 'picker-failed'],
  [503, 'no-target'],
] as const)('a refusal with %i is told as %s where nobody says more', (status, reason) => {
  expect(reasonOfStatus(status)).toBe(reason)
  expect(reasonOf('refused', status)).toBe(reason)
})

it('an answer of a target has no reason, and nobody is to blame unless it is a 5xx', () => {
  expect(reasonOf('answered', 200)).toBeUndefined()
  expect(reasonOf('answered-here', 200)).toBe('answered-here')
  expect(reasonOf('answered-stale', 200)).toBe('error-replaced')
  expect(blameOf({ status: 404 })).toBe('nobody')
  expect(blameOf({ status: 500 })).toBe('target')
})

it.each([
  ['bad-request', 'client'],
  ['body-too-large', 'client'],
  ['client-too-slow', 'client'],
  ['client-left', 'client'],
  ['proxy-full', 'proxy'],
  ['proxy-stopped', 'proxy'],
  ['picker-failed', 'proxy'],
  ['no-target', 'target'],
  ['not-repeatable', 'target'],
  ['out-of-time', 'target'],
  ['attempts-used-up', 'target'],
  ['budget-used-up', 'target'],
  ['target-broke', 'target'],
  ['error-replaced', 'target'],
  ['answered-here', 'nobody'],
  ['tunnel-idle', 'nobody'],
] as const)('%s is the doing of: %s', (reason, blame) => {
  expect(blameOf({ status: 0, reason })).toBe(blame)
})
