import type { GateOutcome } from './gate.ts'

/** What a run of the tests came to. */
export interface TestReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly { readonly name: string; readonly because: string }[]
}

/** The last lines of `npm test`, and whether they are good enough. */
export interface Conclusion {
  readonly lines: readonly string[]
  readonly ok: boolean
}

/**
 * Adds up gates (one check each) and tests. The last line is `N passed, N failed, N skipped`; every skip stands above it
 * with its reason.
 */
export function conclude(
  outcomes: ReadonlyMap<string, GateOutcome>,
  tests: TestReport,
  options: { readonly forbidSkip: boolean },
): Conclusion {
  const gates = [...outcomes]
  const count = (state: GateOutcome['state']) => gates.filter(([, outcome]) => outcome.state === state).length
  const skipped = [
    ...gates.flatMap(([name, outcome]) => (outcome.state === 'skipped' ? [{ name: `gate ${name}`, because: outcome.because }] : [])),
    ...tests.skipped,
  ]
  const failed = count('failed') + tests.failed
  const lines = skipped.map(({ name, because }) => `skipped: ${name}: ${because || 'no reason was given (use context.skip(reason))'}`)
  if (options.forbidSkip && skipped.length > 0) lines.push('Skipping is forbidden here (HOTSPARE_FORBID_SKIP=1): this run failed.')
  lines.push(`${count('passed') + tests.passed} passed, ${failed} failed, ${skipped.length} skipped`)
  return { lines, ok: failed === 0 && !(options.forbidSkip && skipped.length > 0) }
}
