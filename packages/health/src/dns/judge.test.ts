import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DnsExpectations, judgeAnswer, judgeSerials, serialDistance } from './judge.ts'
import type { DnsAnswer } from './message.ts'

const expected: DnsExpectations = {
  type: 'A',
  expectRcode: 'NOERROR',
  minAnswers: 1,
  expectAnswers: undefined,
  allowMoreAnswers: false,
  expectAuthoritative: false,
}
const good: DnsAnswer = { kind: 'answer', rcode: 'NOERROR', authoritative: false, records: ['192.0.2.1', '192.0.2.2'], serial: undefined }

describe('judgeAnswer', () => {
  it.each([
    { name: 'SERVFAIL', answer: { rcode: 'SERVFAIL' }, reason: 'unwell', detail: 'SERVFAIL, expected NOERROR' },
    { name: 'REFUSED', answer: { rcode: 'REFUSED' }, reason: 'unwell', detail: 'REFUSED, expected NOERROR' },
    { name: 'NXDOMAIN', answer: { rcode: 'NXDOMAIN' }, reason: 'unexpected', detail: 'NXDOMAIN, expected NOERROR' },
    { name: 'no record', answer: { records: [] }, reason: 'unexpected', detail: 'NOERROR, but 0 A records, expected at least 1' },
    {
      name: 'no authority',
      expect: { expectAuthoritative: true },
      reason: 'unexpected',
      detail: 'NOERROR, but without authority for the name (no AA flag)',
    },
    {
      name: 'a record too few',
      expect: { expectAnswers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] },
      reason: 'unexpected',
      detail: 'NOERROR, but without 192.0.2.3',
    },
    {
      name: 'another record',
      expect: { expectAnswers: ['192.0.2.1', '192.0.2.3'] },
      reason: 'unexpected',
      detail: 'NOERROR, but without 192.0.2.3 and with 192.0.2.2, which is not expected',
    },
  ])('fails on $name', ({ expect: more = {}, answer = {}, reason, detail }) => {
    expect(judgeAnswer({ ...expected, ...more }, { ...good, ...answer }, '')).toMatchObject({ outcome: 'fail', reason, detail })
  })

  it('passes with more records than expected where that is allowed', () => {
    const rules = { ...expected, expectAnswers: ['192.0.2.2'], allowMoreAnswers: true }
    expect(judgeAnswer(rules, good, ' over TCP')).toEqual({
      outcome: 'pass',
      detail: 'NOERROR over TCP, 2 A records: 192.0.2.1, 192.0.2.2',
      measures: { 'answer-count': 2 },
    })
  })

  it('passes on the error that is expected', () => {
    const rules = { ...expected, expectRcode: 'REFUSED', minAnswers: 0 }
    expect(judgeAnswer(rules, { ...good, rcode: 'REFUSED', records: [] }, '')).toMatchObject({ outcome: 'pass', detail: 'REFUSED' })
  })
})

describe('judgeSerials', () => {
  const servers = (...serials: number[]) => serials.map((serial, index) => ({ server: `ns${index + 1}`, serial }))

  it('fails where a server is behind, and says which and how far', () => {
    expect(judgeSerials(servers(7, 9, 4))).toEqual({
      outcome: 'fail',
      reason: 'unexpected',
      detail: 'serial 9, but 7 on ns1, 4 on ns3',
      measures: { 'serial-lag': 5 },
    })
  })

  it('takes the serial after the turn of 2^32 as the newer one', () => {
    expect(judgeSerials(servers(4_294_967_295, 1))).toMatchObject({ measures: { 'serial-lag': 2 } })
  })

  it('passes where all have the same', () => {
    expect(judgeSerials(servers(7, 7))).toEqual({ outcome: 'pass', detail: 'serial 7 on all 2 servers', measures: { 'serial-lag': 0 } })
  })

  it('measures a distance that is the same in both directions', () => {
    const serial = fc.nat({ max: 4_294_967_295 })
    fc.assert(
      fc.property(serial, fc.integer({ min: -2_147_483_647, max: 2_147_483_647 }), (from, distance) => {
        const to = (from + distance + 4_294_967_296) % 4_294_967_296
        expect(serialDistance(from, to)).toBe(distance)
        expect(serialDistance(to, from)).toBe(distance === 0 ? 0 : -distance)
      }),
    )
  })
})
