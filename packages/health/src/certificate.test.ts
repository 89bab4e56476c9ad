import { describe, expect, it } from 'vitest'
import { certificateMeasures, certificateWarning } from './certificate.ts'

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
