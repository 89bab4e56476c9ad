import { describe, expect, it } from 'vitest'
import { describeFailure } from './failure.ts'

const withCode = (code: string, more: object = {}) => Object.assign(new Error('what Node said'), { code, ...more })

describe('an error', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EACCES', 'EPERM'])(
    'of this machine (%s) says nothing about the target',
    (code) => {
      expect(describeFailure(withCode(code))).toEqual({ outcome: 'inconclusive', detail: 'this machine could not look: what Node said' })
    },
  )

  it('of this machine at one address does not hide that the next address refuses', () => {
    const error = Object.assign(new AggregateError([withCode('EADDRNOTAVAIL'), withCode('ECONNREFUSED')]), { code: 'EADDRNOTAVAIL' })
    expect(describeFailure(error)).toMatchObject({ outcome: 'fail', reason: 'refused' })
  })

  it.each([
    ['ENOTFOUND', {}, 'dns', 'name look-up failed (ENOTFOUND)'],
    ['EAI_AGAIN', {}, 'dns', 'name look-up failed (EAI_AGAIN)'],
    ['ECONNREFUSED', {}, 'refused', 'connection refused'],
    ['EHOSTUNREACH', {}, 'unreachable', 'no route (EHOSTUNREACH)'],
    ['ETIMEDOUT', {}, 'timeout', 'what Node said'],
    ['ECONNRESET', { syscall: 'read' }, 'reset', 'connection reset'],
    ['ECONNRESET', {}, 'closed', 'connection closed before an answer'],
    ['EPIPE', { syscall: 'write' }, 'reset', 'connection reset'],
    ['CERT_HAS_EXPIRED', {}, 'tls', 'TLS failed: what Node said'],
    ['UNSPECIFIED', {}, 'tls', 'TLS failed: what Node said'],
    ['HPE_INVALID_CONSTANT', {}, 'protocol', 'not HTTP: what Node said'],
    ['HPE_INVALID_EOF_STATE', {}, 'closed', 'connection closed before an answer'],
    ['HPE_HEADER_OVERFLOW', {}, 'header-overflow', 'what Node said'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', { reason: 'wrong version number' }, 'tls', 'TLS failed: wrong version number'],
    // A name of thousands of letters.
    ['EINVAL', { syscall: 'getaddrinfo' }, 'dns', 'name look-up failed (EINVAL)'],
    ['EWHATEVER', {}, 'error', 'what Node said'],
  ])('%s %j is "%s"', (code, more, reason, detail) => {
    expect(describeFailure(withCode(code, more))).toEqual({ outcome: 'fail', reason, detail })
  })
})
