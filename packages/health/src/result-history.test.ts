import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProbeResult } from './probe.ts'
import { ResultHistory } from './result-history.ts'
import type { TimedResult } from './target-health.ts'

const phases = fc
  .subarray(['dns', 'connect', 'tls', 'first-byte', 'transfer'] as const)
  .map((names) => names.map((name, index) => ({ name, tookMs: index + 0.25 })))
const facts = {
  durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
  detail: fc.constantFrom('200 OK, 15 bytes', 'connection refused', ''),
}
const extras = {
  phases: phases.filter(({ length }) => length > 0),
  measures: fc.constantFrom({ 'lag-seconds': 3 }, { 'lag-seconds': 4 }, {}),
  warning: fc.constantFrom('the certificate ends in 12 days', 'the certificate ends in 11 days'),
  advice: fc.constantFrom({ weight: 0.5 }, { admin: 'draining' as const }),
}
const anyResult: fc.Arbitrary<ProbeResult> = fc.oneof(
  fc.record(
    { outcome: fc.constantFrom('pass' as const, 'degraded' as const, 'inconclusive' as const), ...facts, ...extras },
    { requiredKeys: ['outcome', 'durationMs', 'detail'] },
  ),
  fc.record(
    {
      outcome: fc.constant('fail' as const),
      reason: fc.constantFrom('timeout' as const, 'refused' as const),
      immediate: fc.boolean(),
      ...facts,
      ...extras,
    },
    { requiredKeys: ['outcome', 'reason', 'durationMs', 'detail'] },
  ),
)

describe('the history of results', () => {
  it('gives back what an array cut to its last entries holds, oldest first', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(anyResult, { maxLength: 25 }), (capacity, results) => {
        const history = new ResultHistory(capacity)
        let model: TimedResult[] = []
        expect(history.last()).toBeUndefined()
        for (const [at, result] of results.entries()) {
          history.push(at, result)
          model = [...model, { at, result }].slice(-capacity)
          expect(history.toArray()).toEqual(model)
          expect(history.last()).toEqual(model.at(-1))
        }
      }),
    )
  })

  it('hands out copies: a later result does not change them', () => {
    const history = new ResultHistory(1)
    history.push(1, { outcome: 'pass', durationMs: 1, detail: 'one' })
    const [first] = history.toArray()
    history.push(2, { outcome: 'pass', durationMs: 2, detail: 'two' })
    expect(first).toEqual({ at: 1, result: { outcome: 'pass', durationMs: 1, detail: 'one' } })
  })
})
