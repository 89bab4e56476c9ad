import { describe, expect, it } from 'vitest'
import { answersOf, type Attempt, attemptsDuring, failedCount, longestGapMs } from './attempts.ts'

const at = (startMs: number, outcome: Attempt['outcome'] = 'ok', node?: string): Attempt => ({ startMs, endMs: startMs + 1, outcome, node })

describe('longestGapMs', () => {
  it.each<[string, readonly Attempt[], number]>([
    ['lasts the whole time when nothing succeeded', [at(10, 'timeout')], 100],
    ['runs up to the end when nothing succeeded any more', [at(-5), at(20), at(25, 'refused'), at(30, 'refused')], 80],
    ['begins with the last success before', [at(-40), at(-30, 'timeout'), at(20), at(60), at(99)], 60],
    ['counts what is recorded out of order', [at(95), at(50), at(-1), at(10)], 45],
    ['is between starts, whatever the others took', [{ ...at(0), endMs: 90 }, at(50), at(80)], 50],
    ['ends with what began in time', [at(0), at(98), at(400)], 98],
  ])('%s', (_, attempts, expected) => {
    expect(longestGapMs(attempts, 0, 100)).toBe(expected)
  })
})

describe('failedCount', () => {
  it('leaves out what was not even tried', () => {
    expect(failedCount([at(1), at(2, 'skipped'), at(3, 'refused'), at(4, 'timeout')])).toBe(2)
  })
})

describe('answersOf', () => {
  it('shows that two take turns', () => {
    const answers = answersOf([at(3, 'ok', 'a'), at(1, 'ok', 'a'), at(2, 'ok', 'b'), at(4, 'timeout'), at(5, 'ok', 'a')])
    expect(answers.map(({ node, count }) => [node, count])).toEqual([
      ['a', 1],
      ['b', 1],
      ['a', 2],
    ])
  })

  it('says from when until when a node answered', () => {
    expect(answersOf([at(1, 'ok', 'a'), at(5, 'ok', 'a'), at(9, 'ok', 'b')])).toEqual([
      { node: 'a', fromMs: 1, untilMs: 5, count: 2 },
      { node: 'b', fromMs: 9, untilMs: 9, count: 1 },
    ])
  })
})

describe('attemptsDuring', () => {
  it('takes what was open at the beginning, and what was at the end', () => {
    const open = { startMs: 0, endMs: 2, outcome: 'reset' } as const
    expect(attemptsDuring([at(0), open, at(4), at(5)], 2, 5)).toEqual([open, at(4)])
  })
})
