import { describe, expect, it } from 'vitest'
import { isPassing, judgeRecipients, judgeSmtpFailure, type SmtpFailure } from './smtp-outcome.ts'

const answer = (response: string): SmtpFailure => ({ message: response, responseCode: Number(response.slice(0, 3)), response })

describe('isPassing', () => {
  it.each(['550 5.1.1 no such user', '535 5.7.8 bad password', '554 5.7.1 rejected', '552 5.3.4 too big', '550 see 5.4.4'])(
    'does not hope after %j',
    (response) => {
      expect(isPassing({ ...answer(response), code: 'EENVELOPE' })).toBe(false)
    },
  )

  it.each([
    '421 4.3.2 closing',
    '451 4.7.1 greylisted',
    '452 4.2.2 full',
    '454 4.7.0 no authentication now',
    '503 bad sequence',
    '554 5.4.4 unable to route',
  ])('hopes after %j', (response) => {
    expect(isPassing({ ...answer(response), code: 'EAUTH' })).toBe(true)
  })

  it.each(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EPROTOCOL', 'ECONNREFUSED', undefined])(
    'hopes after a failure on the way (%s)',
    (code) => {
      expect(isPassing({ message: 'lost', code })).toBe(true)
    },
  )

  it.each(['EAUTH', 'ENOAUTH', 'EENVELOPE', 'EMESSAGE'])('does not hope after a failure on our own side (%s)', (code) => {
    expect(isPassing({ message: 'wrong', code })).toBe(false)
  })
})

describe('judgeSmtpFailure', () => {
  it('keeps the reason to one short line, whatever the server says', () => {
    const { reason } = judgeSmtpFailure('mail by mx:25', { message: `Message failed: 451-a\r\n451 ${'b'.repeat(5_000)}` })
    expect(reason).toMatch(/^mail by mx:25 failed: Message failed: 451-a 451 b+…$/)
    expect(reason).toHaveLength(200)
  })
})

describe('judgeRecipients', () => {
  const judge = (accepted: number, ...refused: readonly string[]) =>
    judgeRecipients('mail', { total: 3, accepted, refused: refused.map(answer), response: '250 queued' })

  it('is not done while somebody may still get it', () => {
    expect(judge(1, '550 no such user', '451 later')).toEqual({
      ok: false,
      retryable: true,
      reason: 'mail reached 1 of 3 recipients so far: 451 later',
    })
  })

  it('is done when the rest never will, and says so', () => {
    expect(judge(2, '550 no such user')).toEqual({ ok: true, receipt: '2 of 3 recipients accepted: 550 no such user' })
  })

  it('is done when everybody has it', () => {
    expect(judge(3)).toEqual({ ok: true, receipt: '250 queued' })
  })
})
