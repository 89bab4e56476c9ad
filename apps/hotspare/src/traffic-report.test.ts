import type { AttemptFailureReason, AttemptFinishedEvent } from '@hotspare/proxy'
import { expect, it } from 'vitest'
import { reportOf } from './traffic-report.ts'

function attempt(changes: Partial<AttemptFinishedEvent>): AttemptFinishedEvent {
  return { type: 'attempt-finished', at: 1, targetId: 'shop/a', durationMs: 90, ...changes }
}

function failed(reason: AttemptFailureReason, status?: number): AttemptFinishedEvent {
  return attempt({ failure: { reason, detail: 'x', sent: true }, status })
}

it.each(['local', 'abandoned'] as const)('what is not the doing of the target says nothing about it: %s', (reason) => {
  expect(reportOf(failed(reason))).toBeUndefined()
})

it.each(['refused', 'unreachable', 'tls', 'closed', 'timeout'] as const)('%s is no answer, though a head may have come', (reason) => {
  expect(reportOf(failed(reason))).toEqual({ ok: false, local: true })
  expect(reportOf(failed(reason, 200))).toEqual({ ok: false, local: true })
})

it.each(['protocol', 'header-overflow'] as const)('%s is a bad answer, from somebody who is there', (reason) => {
  expect(reportOf(failed(reason, 200))).toEqual({ ok: false })
})

it('an answer is its status, the time to its first byte and what it asks for; the time to its end is the matter of its client', () => {
  expect(reportOf(attempt({ status: 429, firstByteMs: 7, retryAfterMs: 2_000 }))).toEqual({
    status: 429,
    latencyMs: 7,
    retryAfterMs: 2_000,
  })
})

it('a connection of TCP has no status: that it was made is an answer', () => {
  expect(reportOf(attempt({ firstByteMs: 7 }))).toEqual({ ok: true, latencyMs: 7 })
})
