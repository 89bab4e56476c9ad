import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { upperTailExponent, upperTailQuantile } from './normal-tail.ts'
import { gapStatistics, phi, phiDetector, type PhiRules } from './phi-detector.ts'

const rules: PhiRules = { threshold: 8, windowSize: 200, minSigmaMs: 100, acceptablePauseMs: 3_000, intervalMs: 1_000, maxLimitMs: 100_000 }
const usual = { meanMs: 1_000, sigmaMs: 100 }

/** What Akka, Pekko and their like compute in place of the tail (a logistic approximation of the normal distribution). */
function logisticPhi(silenceMs: number, { meanMs, sigmaMs }: typeof usual): number {
  const y = (silenceMs - meanMs) / sigmaMs
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y))
  return silenceMs > meanMs ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e))
}

describe('the tail of the normal distribution', () => {
  // -log10(erfc(z / sqrt(2)) / 2) by the C library; from 37 on, where that underflows, the asymptotic series with 60 digits.
  it.each([
    { z: -40, exponent: 0 },
    { z: -1, exponent: 0.075026013 },
    { z: 0, exponent: 0.301029996 },
    { z: 1, exponent: 0.799545541 },
    { z: 2, exponent: 1.64301608 },
    { z: 2.4999999, exponent: 2.206931683 },
    { z: 2.5, exponent: 2.206931806 },
    { z: 3, exponent: 2.869699036 },
    { z: 4, exponent: 4.499334908 },
    { z: 5, exponent: 6.542645672 },
    { z: 6, exponent: 9.005864327 },
    { z: 10, exponent: 23.118053405 },
    { z: 37, exponent: 299.242181179 },
    { z: 40, exponent: 349.437006459 },
    { z: 100, exponent: 2173.871542869 },
  ])('is 10^-$exponent above $z', ({ z, exponent }) => {
    expect(upperTailExponent(z)).toBeCloseTo(exponent, 8)
  })

  it('is a finite number for any silence, and never gets thicker', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e150, max: 1e150 }), fc.double({ noNaN: true, min: 0, max: 1e150 }), (z, more) => {
        expect(Number.isFinite(upperTailExponent(z))).toBe(true)
        // To the last digits of a double, where the two ways to compute it meet.
        expect(upperTailExponent(z + more)).toBeGreaterThanOrEqual(upperTailExponent(z) * (1 - 1e-13))
      }),
    )
    expect(upperTailExponent(Number.NaN)).toBe(0)
  })

  it('has its quantile at 5.612 for phi 8, where the logistic approximation has 5.226: 7 % early', () => {
    expect(upperTailQuantile(8)).toBeCloseTo(5.612, 3)
    expect(logisticPhi(1_522.6, usual)).toBeCloseTo(8, 2)
  })

  it('gives the quantile back for every exponent from 0.1 to 300', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: 0.1, max: 300 }), (exponent) => {
        expect(upperTailExponent(upperTailQuantile(exponent))).toBeCloseTo(exponent, 9)
      }),
    )
  })
})

describe('phi', () => {
  // The published vectors, within the 0.1 that their tests allow. They were computed with the approximation.
  it.each([
    { silenceMs: 0, published: 0 },
    { silenceMs: 500, published: 0.1 },
    { silenceMs: 1_000, published: 0.3 },
    { silenceMs: 1_200, published: 1.6 },
  ])('is $published after $silenceMs ms, as published', ({ silenceMs, published }) => {
    expect(Math.abs(phi(silenceMs, usual) - published)).toBeLessThanOrEqual(0.1)
    expect(Math.abs(logisticPhi(silenceMs, usual) - published)).toBeLessThanOrEqual(0.1)
  })

  it.each([
    { silenceMs: 1_400, published: 4.7, exact: 4.499 },
    { silenceMs: 1_600, published: 10.8, exact: 9.006 },
    { silenceMs: 1_700, published: 15.3, exact: 11.893 },
  ])('is $exact after $silenceMs ms, where $published was published: the exact tail is thicker', ({ silenceMs, published, exact }) => {
    expect(Math.abs(logisticPhi(silenceMs, usual) - published)).toBeLessThanOrEqual(0.1)
    expect(phi(silenceMs, usual)).toBeCloseTo(exact, 3)
  })

  it('takes mean and variance of the published samples', () => {
    const { meanMs, sigmaMs } = gapStatistics([100, 200, 125, 340, 130])
    expect(meanMs).toBe(179)
    expect(sigmaMs ** 2).toBeCloseTo(7_584, 8)
    expect(gapStatistics([])).toEqual({ meanMs: 0, sigmaMs: 0 })
  })
})

describe('the phi accrual detector', () => {
  it.each([
    { sigmaMs: 100, published: 4_520, exact: 4_561.2 },
    { sigmaMs: 250, published: 5_310, exact: 5_403 },
  ])('convicts after $exact ms with sigma $sigmaMs, where the approximation does after $published', ({ sigmaMs, published, exact }) => {
    const detector = phiDetector({ ...rules, minSigmaMs: sigmaMs })
      .learn(1_000)
      .learn(1_000)
    expect(Math.abs(detector.limitMs - exact)).toBeLessThan(1)
    expect(phi(detector.limitMs, { meanMs: 4_000, sigmaMs })).toBeCloseTo(8, 6)
    expect(Math.abs(logisticPhi(published, { meanMs: 4_000, sigmaMs }) - 8)).toBeLessThan(0.15)
  })

  it('expects the interval before it has seen anything', () => {
    expect(phiDetector(rules).limitMs).toBeCloseTo(4_000 + 5.612 * 250, 0)
  })

  it('leaves a detector as it is when it learns', () => {
    const before = phiDetector(rules)
    const { limitMs } = before
    expect(before.learn(9_000).limitMs).toBeGreaterThan(limitMs)
    expect(before.limitMs).toBe(limitMs)
  })

  // Gaps of just below the limit raised it without end: 40 packets in 10 minutes kept a peer alive.
  it('allows no more than its ceiling, whoever lets packets through just before each limit', () => {
    let detector = phiDetector({ ...rules, maxLimitMs: 20_000 })
    for (let gap = 0; gap < 500; gap++) {
      detector = detector.learn(detector.limitMs * 0.95)
      expect(detector.limitMs).toBeLessThanOrEqual(20_000)
    }
    // And comes back down when the gaps do.
    for (let gap = 0; gap < 200; gap++) detector = detector.learn(1_000)
    expect(detector.limitMs).toBeCloseTo(4_561.2, 0)
  })

  it('forgets what is older than its window', () => {
    let detector = phiDetector({ ...rules, windowSize: 10 }).learn(60_000)
    for (let gap = 0; gap < 10; gap++) detector = detector.learn(1_000)
    expect(detector.limitMs).toBeCloseTo(4_561.2, 0)
  })

  it('convicts after a finite silence beyond the longest that is allowed, for any gaps and threshold', () => {
    const gaps = fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { maxLength: 50 })
    fc.assert(
      fc.property(gaps, fc.double({ noNaN: true, min: 1, max: 300 }), (gapsMs, threshold) => {
        let detector = phiDetector({ ...rules, threshold, windowSize: 20 })
        for (const gapMs of gapsMs) detector = detector.learn(gapMs)
        expect(Number.isFinite(detector.limitMs)).toBe(true)
        expect(detector.limitMs).toBeGreaterThan(rules.acceptablePauseMs)
      }),
    )
  })
})
