import { describe, expect, it } from 'vitest'
import { type AttemptFailureReason, classifyFailure, speaksAgainstTarget } from './failure.ts'

const coded = (code: string, message = 'it broke'): Error => Object.assign(new Error(message), { code })

describe('classifyFailure', () => {
  it.each([
    ['ECONNREFUSED', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENOTFOUND', 'unreachable'],
    ['ECONNRESET', 'closed'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
    ['EMFILE', 'local'],
    ['ENOBUFS', 'local'],
    ['EADDRNOTAVAIL', 'local'],
    ['NEVER_HEARD_OF', 'closed'],
  ] as const)('%s is "%s", and its code is told', (code, reason) => {
    expect(classifyFailure(coded(code), true)).toEqual({ reason, detail: `it broke (${code})`, sent: true })
  })

  it('does not say a code twice, and takes anything thrown', () => {
    expect(classifyFailure(coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1'), false).detail).toBe(
      'connect ECONNREFUSED 127.0.0.1:1',
    )
    expect(classifyFailure('odd', false)).toEqual({ reason: 'closed', detail: 'odd', sent: false })
  })
})

describe('speaksAgainstTarget', () => {
  it.each([
    ['refused', false, true],
    ['unreachable', false, true],
    ['tls', false, true],
    // A request that makes a target break its connection must not take the target out of the pool.
    ['closed', true, false],
    // A kept connection that was reset while a request waited for it.
    ['closed', false, false],
    ['protocol', true, false],
    ['timeout', true, false],
    // Five of them in a row are easily had by whoever opens many connections to us.
    ['local', false, false],
    ['abandoned', false, false],
  ] satisfies [AttemptFailureReason, boolean, boolean][])('%s, sent %s: %s', (reason, sent, expected) => {
    expect(speaksAgainstTarget({ reason, detail: '', sent })).toBe(expected)
  })
})
