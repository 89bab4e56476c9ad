import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failoverBudget, type FailoverBudgetOptions, formatBudget, spreadOf } from './budget.ts'

const route53 = { detection: { intervalMs: 30_000, fall: 3 }, writeMs: 0, ttlSeconds: 60 } as const

describe('failoverBudget refuses', () => {
  it.each<{ name: string; options: object; says: string }>([
    { name: 'no probe', options: { detection: { intervalMs: 1_000, fall: 0 } }, says: 'detection.fall' },
    { name: 'a TTL that is no whole number', options: { ttlSeconds: 0.5 }, says: 'ttlSeconds' },
    { name: 'quantiles in the wrong order', options: { writeMs: { p50Ms: 5, p95Ms: 4, worstMs: 6 } }, says: 'writeMs' },
    { name: 'an unknown key', options: { ttl: 30 }, says: 'ttl' },
  ])('$name', ({ options, says }) => {
    expect(() => failoverBudget({ ...route53, ...options })).toThrow(
      expect.objectContaining({ code: 'HOTSPARE_DNS_OPTIONS', message: expect.stringContaining(says) }),
    )
  })
})

describe('failoverBudget', () => {
  it('has the figures that Route 53 documents: 150 s at worst, and 90 s with fast checks', () => {
    const slow = failoverBudget(route53)
    expect(slow.parts[0]).toMatchObject({ part: 'detection', worstMs: 90_000 })
    expect(slow.worstMs).toBe(150_000)
    const fast = failoverBudget({ ...route53, detection: { intervalMs: 10_000, fall: 3 } })
    expect(fast.parts[0]).toMatchObject({ part: 'detection', worstMs: 30_000 })
    expect(fast.worstMs).toBe(90_000)
  })

  it('takes a probe that hangs into account', () => {
    // The formula of the health monitor: interval + (fall - 1) * max(interval, timeout) + timeout.
    const detection = { intervalMs: 1_000, timeoutMs: 2_000, fall: 3 }
    expect(failoverBudget({ detection, ttlSeconds: 0, writeMs: 0 }).worstMs).toBe(1_000 + 2 * 2_000 + 2_000)
  })

  it('knows that two slow parts at once are rare: the quantiles of a sum are less than the sum of the quantiles', () => {
    const { parts, p50Ms, p95Ms } = failoverBudget(route53)
    const [detection, ttl] = [parts[0]!, parts.at(-1)!]
    expect(detection).toMatchObject({ p50Ms: 75_000, p95Ms: 88_500 })
    expect(ttl).toMatchObject({ p50Ms: 30_000, p95Ms: 57_000 })
    // Of 60 s + even(0, 30) + even(0, 60), worked out by hand: the median is 105 s, and 5 % are above 150 - sqrt(2 * 30 * 60 * 0.05).
    expect(p50Ms / 1_000).toBeCloseTo(105, 0)
    expect(Math.abs(p95Ms / 1_000 - (150 - Math.sqrt(2 * 30 * 60 * 0.05)))).toBeLessThan(0.7)
    expect(p95Ms).toBeLessThan(detection.p95Ms + ttl.p95Ms)
  })

  it('adds a part that always takes as long as it is', () => {
    const { p50Ms, p95Ms, worstMs } = failoverBudget(route53)
    const later = failoverBudget({ ...route53, writeMs: 700, quorumMs: 300 })
    expect([later.p50Ms, later.p95Ms, later.worstMs]).toEqual([p50Ms + 1_000, p95Ms + 1_000, worstMs + 1_000])
  })

  it('names the share of resolvers for which nothing of this holds', () => {
    expect(failoverBudget(route53).tail).toEqual({ ratio: 0.0874, source: expect.stringContaining('PAM 2023') })
    expect(failoverBudget({ ...route53, tailRatio: 0.02 }).tail).toEqual({ ratio: 0.02, source: 'as given' })
  })

  it('is ordered, and never worse than the worst of all parts', () => {
    const time = fc.integer({ min: 0, max: 100_000 })
    const spread = fc
      .array(time, { minLength: 1, maxLength: 20 })
      .map(spreadOf)
      .map(({ p50Ms, p95Ms, worstMs }) => ({ p50Ms, p95Ms, worstMs }))
    const options: fc.Arbitrary<FailoverBudgetOptions> = fc.record({
      detection: fc.record({ intervalMs: fc.integer({ min: 1, max: 60_000 }), fall: fc.integer({ min: 1, max: 5 }), timeoutMs: time }),
      quorumMs: fc.oneof(time, spread),
      writeMs: fc.oneof(time, spread),
      propagationMs: fc.oneof(time, spread),
      ttlSeconds: fc.integer({ min: 0, max: 86_400 }),
    })
    fc.assert(
      fc.property(options, (given) => {
        const { parts, p50Ms, p95Ms, worstMs } = failoverBudget(given)
        expect(p50Ms).toBeLessThanOrEqual(p95Ms)
        expect(p95Ms).toBeLessThanOrEqual(Math.ceil(worstMs))
        expect(worstMs).toBe(parts.reduce((sum, part) => sum + part.worstMs, 0))
      }),
      { numRuns: 10 },
    )
  })
})

describe('spreadOf', () => {
  it('has the quantiles of what was measured, by nearest rank', () => {
    const times = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(spreadOf(times)).toEqual({ leastMs: 1, p50Ms: 50, p95Ms: 95, worstMs: 100 })
  })

  it('of one time is that time', () => {
    expect(spreadOf([4_530])).toEqual({ leastMs: 4_530, p50Ms: 4_530, p95Ms: 4_530, worstMs: 4_530 })
  })
})

describe('formatBudget', () => {
  it('prints a table, without parts that take no time, and the tail', () => {
    const budget = failoverBudget({
      detection: { intervalMs: 1_000, timeoutMs: 500, fall: 3 },
      propagationMs: spreadOf([30, 740, 4_510, 4_530]),
      ttlSeconds: 30,
    })
    expect(formatBudget(budget)).toEqual([
      '              half   95 %  worst',
      'detection       3s   3.5s   3.5s  every 1 s, 3 failed, each after 0.5 s',
      'write           1s     1s     1s  the provider accepts the change',
      'propagation  740ms   4.5s   4.5s  all name servers serve it',
      'TTL            15s  28.5s    30s  resolvers forget the old answer',
      expect.stringMatching(/^together\s+\S+\s+\S+\s+39s {2}for resolvers that keep to the TTL$/),
      '8.74 % of resolvers keep answers for longer than their TTL, without a bound (Bhowmick et al., TTL Violation of DNS Resolvers in the Wild, PAM 2023)',
    ])
  })
})
