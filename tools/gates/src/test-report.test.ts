import { describe, expect, it, vi } from 'vitest'
import type { GateOutcome } from './gate.ts'
import { judge } from './run-tests.ts'
import { conclude } from './test-report.ts'

const passed: GateOutcome = { state: 'passed', seconds: 1 }
const failed: GateOutcome = { state: 'failed', seconds: 1, reason: 'exited with 1', output: '' }
const green = { passed: 5, failed: 0, skipped: [] }

describe('conclude', () => {
  it('fails when a test failed', () => {
    const conclusion = conclude(new Map([['lint', passed]]), { passed: 3, failed: 2, skipped: [] }, { forbidSkip: false })

    expect(conclusion).toEqual({ lines: ['4 passed, 2 failed, 0 skipped'], ok: false })
  })

  it('fails when a gate failed, and counts a gate as one check', () => {
    const outcomes = new Map<string, GateOutcome>([
      ['lint', failed],
      ['build', passed],
    ])

    expect(conclude(outcomes, green, { forbidSkip: false })).toEqual({ lines: ['6 passed, 1 failed, 0 skipped'], ok: false })
  })

  it('lists every skip with its reason above the last line', () => {
    const tests = {
      passed: 1,
      failed: 0,
      skipped: [
        { name: 'a test', because: 'nginx is missing' },
        { name: 'another', because: '' },
      ],
    }
    const outcomes = new Map<string, GateOutcome>([['pack', { state: 'skipped', because: 'it needs "build"' }]])

    expect(conclude(outcomes, tests, { forbidSkip: false })).toEqual({
      lines: [
        'skipped: gate pack: it needs "build"',
        'skipped: a test: nginx is missing',
        'skipped: another: no reason was given (use context.skip(reason))',
        '1 passed, 0 failed, 3 skipped',
      ],
      ok: true,
    })
  })

  it('fails for a skip where skipping is forbidden, and still ends with the count', () => {
    const tests = { passed: 1, failed: 0, skipped: [{ name: 'a test', because: 'nginx is missing' }] }
    const { lines, ok } = conclude(new Map(), tests, { forbidSkip: true })

    expect(ok).toBe(false)
    expect(lines.at(-2)).toContain('forbidden')
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped')
  })
})

describe('judge', () => {
  it.each([
    ['without a report', undefined, '', { passed: 0, failed: 1, skipped: [] }, 'vitest wrote no report\n'],
    ['that ended badly without a failed test', green, 'ended with 1', { passed: 5, failed: 1, skipped: [] }, 'vitest ended with 1\n'],
  ])('counts a run %s as a failure and says so', (_, report, ending, judged, said) => {
    const tell = vi.fn<(text: string) => void>()

    expect(judge(report, ending, tell)).toEqual(judged)
    expect(tell).toHaveBeenCalledExactlyOnceWith(said)
  })

  it('takes a report of failed tests as it is', () => {
    const report = { passed: 5, failed: 2, skipped: [] }

    expect(judge(report, 'ended with 1')).toBe(report)
  })
})
