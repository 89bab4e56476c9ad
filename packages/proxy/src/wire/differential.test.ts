import { describe, expect, it } from 'vitest'
import { runDifferential } from './differential.fixture.ts'

/** For each; a million and more are run by hand, as `differential.process.fixture.ts` says. */
const CASES = 5_000

describe.each(['request', 'response'] as const)('a mutated %s', (kind) => {
  it('is never accepted where llhttp refuses, never read in another way, and never depends on its pieces', () => {
    const { disagreements, same, bothRefused } = runDifferential(kind, CASES, 20_260)
    expect(disagreements.slice(0, 3)).toEqual([])
    // The mutations are worth something: neither are all refused, nor do all pass.
    expect(same).toBeGreaterThan(CASES / 20)
    expect(bothRefused).toBeGreaterThan(CASES / 5)
  })
})
