import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { certificateMeasures, certificateWarning, endOf } from './certificate.ts'
import { selfSigned } from './certificates.fixture.ts'
import { judgeTls } from './tls-judge.ts'

const DAY_MS = 86_400_000
const nowMs = Date.UTC(2026, 0, 1)
const lasting = (name: string, days: number) => ({ name, endsAtMs: nowMs + days * DAY_MS })
const stages = [21, 14, 7]

describe('certificateWarning', () => {
  it.each([
    { days: -1, says: 'the certificate of shop ended on 2025-12-31' },
    { days: 0, says: 'the certificate of shop ended on 2026-01-01' },
    { days: 3, says: 'the certificate of shop ends in less than 7 days, on 2026-01-04' },
    { days: 6.9, says: 'the certificate of shop ends in less than 7 days, on 2026-01-07' },
    { days: 7, says: 'the certificate of shop ends in less than 14 days, on 2026-01-08' },
    { days: 20, says: 'the certificate of shop ends in less than 21 days, on 2026-01-21' },
    { days: 21, says: undefined },
  ])('with $days days left says $says', ({ days, says }) => {
    expect(certificateWarning([lasting('shop', days), lasting('root', 90)], stages, nowMs)).toBe(says)
  })

  it('keeps its words through a stage, so that a stage is told once', () => {
    const chain = [lasting('shop', 13)]
    expect(certificateWarning(chain, stages, nowMs)).toBe(certificateWarning(chain, stages, nowMs + 5 * DAY_MS))
    expect(certificateWarning(chain, stages, nowMs)).not.toBe(certificateWarning(chain, stages, nowMs + 7 * DAY_MS))
  })

  it('names the one of the chain that ends first', () => {
    expect(certificateWarning([lasting('shop', 60), lasting('middle', 10)], stages, nowMs)).toContain('middle')
  })

  it('says nothing of no certificate, and where there are no stages', () => {
    expect(certificateWarning([], stages, nowMs)).toBeUndefined()
    expect(certificateWarning([lasting('shop', 1)], [], nowMs)).toBeUndefined()
  })
})

describe('certificateMeasures', () => {
  it("are the days of the server's own, and of the first of all to end", () => {
    expect(certificateMeasures([lasting('shop', 60.5), lasting('middle', 10.257)], nowMs)).toEqual({
      'certificate-days': 60.5,
      'chain-days': 10.25,
    })
    expect(certificateMeasures([], nowMs)).toEqual({})
  })
})

describe('the end of a certificate', () => {
  const times = /\d{12}Z/g

  it('that cannot be read is long past, and the same each time', (context) => {
    // Node made another date of it each time, between 1846 and 1949: a warning that changed with each probe.
    const certificate = selfSigned()
    if (!certificate) return context.skip('openssl is not installed: no certificate to test with')
    const { raw } = new X509Certificate(certificate.cert)
    const garbled = Buffer.from(raw.toString('latin1').replaceAll(times, '99AB31235959Z'), 'latin1')
    expect(endOf(new X509Certificate(garbled))).toBe(0)
  })

  it('is told to the second', (context) => {
    const certificate = selfSigned(2)
    if (!certificate) return context.skip('openssl is not installed: no certificate to test with')
    const days = (endOf(new X509Certificate(certificate.cert)) - Date.now()) / DAY_MS
    expect(days).toBeGreaterThan(1.9)
    expect(days).toBeLessThanOrEqual(2)
  })

  it('counts no more for the days that are left, where it is past and nobody minds', () => {
    const facts = { version: 'TLSv1.3', alpn: undefined, chain: [lasting('shop', 30), lasting('old root', -2)], distrust: undefined }
    const expectations = { rejectUnauthorized: true, minVersion: 'TLSv1.2', alpn: [], warnDays: stages } as const
    const finding = judgeTls(facts, expectations, nowMs)
    expect(finding.detail).toBe('TLSv1.3, the certificates last 30 more days')
    expect(finding.warning).toMatch(/^the certificate of old root ended on /)
  })
})
