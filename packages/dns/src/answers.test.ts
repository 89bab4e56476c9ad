import type { TargetState } from '@hotspare/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnswerFacts, type AnswerPolicy, type Answers, type AnswerTarget, chooseAnswers } from './answers.ts'

const ALL: AnswerPolicy = { choose: 'all' }

function target(id: string, state: TargetState, more: Partial<AnswerTarget> = {}): AnswerTarget {
  return { id, values: [`192.0.2.${id}`], state, sinceMs: 0, ...more }
}

function choose(targets: readonly AnswerTarget[], policy: AnswerPolicy = ALL, facts: Partial<AnswerFacts> = {}): Answers {
  return chooseAnswers({ targets, published: [], atMs: 1_000_000, ...facts }, policy)
}

function idsOf(answers: Answers): readonly string[] | 'keep' {
  return answers.kind === 'answer' ? answers.ids : 'keep'
}

describe('what is not known', () => {
  it('writes nothing', () => {
    expect(idsOf(choose([target('1', 'unknown'), target('2', 'unknown')]))).toBe('keep')
    expect(idsOf(choose([]))).toBe('keep')
  })

  it('leaves a target as it is published', () => {
    const targets = [target('1', 'unknown'), target('2', 'unknown'), target('3', 'up')]
    expect(idsOf(choose(targets, ALL, { published: ['192.0.2.2', '192.0.2.3'] }))).toEqual(['2', '3'])
  })
})

describe('too few that are up', () => {
  it('are not believed: all are answered, but those that people have taken out', () => {
    const answers = choose([target('1', 'down'), target('2', 'down'), target('3', 'maintenance')])
    expect(answers).toMatchObject({ kind: 'answer', ids: ['1', '2'], isOpen: true })
    expect(idsOf(choose([target('1', 'draining'), target('2', 'maintenance')]))).toEqual(['1', '2'])
  })

  it('leave what is published, if that is wanted', () => {
    expect(idsOf(choose([target('1', 'down')], { choose: 'all', whenTooFew: 'closed' }, { published: ['192.0.2.1'] }))).toBe('keep')
  })

  // As gdnsd counts: up_thresh x total, rounded up.
  it.each([
    [0.5, 1, true],
    [0.5, 2, false],
    [0.67, 2, true],
    [0.66, 2, false],
    [1, 2, true],
    [1, 3, false],
    [0.01, 1, false],
  ])('are fewer than a share of %d of three, with %d of them', (share, count, isOpen) => {
    const targets = [1, 2, 3].map((number) => target(String(number), number <= count ? 'up' : 'down'))
    expect(choose(targets, { choose: 'all', atLeast: { share } })).toMatchObject({ isOpen })
  })

  it('can be said as a number', () => {
    const targets = [target('1', 'up'), target('2', 'down'), target('3', 'down')]
    expect(idsOf(choose(targets, { choose: 'all', atLeast: { targets: 2 } }))).toEqual(['1', '2', '3'])
  })
})

describe('coming back', () => {
  const policy: AnswerPolicy = { choose: 'all', holdDownMs: 60_000 }
  const published = ['192.0.2.1']

  it('waits until the target has been up for long enough, and says when that is', () => {
    const targets = [target('1', 'up'), target('2', 'up', { sinceMs: 970_000 })]
    expect(choose(targets, policy, { published })).toMatchObject({ ids: ['1'], againAtMs: 1_030_000 })
    expect(choose(targets, policy, { published, atMs: 1_030_000 })).toMatchObject({ ids: ['1', '2'], againAtMs: undefined })
  })

  it('does not wait where nothing is published yet, nor for what is published already', () => {
    const targets = [target('1', 'up', { sinceMs: 999_999 })]
    expect(idsOf(choose(targets, policy, { published: [] }))).toEqual(['1'])
    expect(idsOf(choose(targets, policy, { published }))).toEqual(['1'])
  })

  it('never delays the way out: rather one that has just come back than one that is down', () => {
    const targets = [target('1', 'down'), target('2', 'up', { sinceMs: 999_999 })]
    expect(choose(targets, policy, { published })).toMatchObject({ ids: ['2'], isOpen: false })
  })
})

describe('tiers', () => {
  const policy: AnswerPolicy = { choose: 'priority' }

  it('are taken in their order, each only where enough of it is up', () => {
    const spare = target('3', 'up', { tier: 1 })
    expect(idsOf(choose([target('1', 'up'), target('2', 'down'), spare], policy))).toEqual(['1'])
    expect(idsOf(choose([target('1', 'down'), target('2', 'down'), spare], policy))).toEqual(['3'])
    expect(idsOf(choose([target('1', 'up'), target('2', 'down'), spare], { ...policy, atLeast: { share: 1 } }))).toEqual(['3'])
  })

  it('fail open to the first: a spare need not be able to carry what nobody can', () => {
    expect(choose([target('1', 'down'), target('2', 'down', { tier: 1 })], policy)).toMatchObject({ ids: ['1'], isOpen: true })
  })
})

describe('weights', () => {
  const targets = [target('1', 'up', { weight: 3 }), target('2', 'up', { weight: 1 }), target('3', 'up', { weight: 0 })]

  it('leave out what has none, and choose the same for the same round', () => {
    expect(idsOf(choose(targets, { choose: 'weighted' }))).toEqual(['1', '2'])
    const policy: AnswerPolicy = { choose: 'weighted', most: 1, round: 5 }
    expect(choose(targets, policy)).toEqual(choose(targets, policy))
  })

  it('are what each target has of many rounds', () => {
    const rounds = Array.from({ length: 4_000 }, (_, round) => idsOf(choose(targets, { choose: 'weighted', most: 1, round })))
    const ofFirst = rounds.filter(([id]) => id === '1').length / rounds.length
    expect(ofFirst).toBeGreaterThan(0.7)
    expect(ofFirst).toBeLessThan(0.8)
  })

  it('do not help where all that is up has none', () => {
    expect(choose([target('1', 'up', { weight: 0 }), target('2', 'down')], { choose: 'weighted' })).toMatchObject({
      ids: ['2'],
      isOpen: true,
    })
  })
})

describe('whatever the targets are', () => {
  const states: readonly TargetState[] = ['up', 'degraded', 'down', 'unknown', 'maintenance', 'draining']
  const someTargets = fc.array(
    fc.record({
      values: fc.array(fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'), { maxLength: 2 }),
      state: fc.constantFrom(...states),
      sinceMs: fc.nat({ max: 1_000 }),
      weight: fc.nat({ max: 3 }),
      tier: fc.nat({ max: 2 }),
    }),
    { maxLength: 6 },
  )
  const somePolicy = fc.record({
    choose: fc.constantFrom('all' as const, 'priority' as const, 'weighted' as const),
    most: fc.integer({ min: 1, max: 6 }),
    atLeast: fc.oneof(fc.record({ targets: fc.nat({ max: 7 }) }), fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) })),
    whenTooFew: fc.constantFrom('open' as const, 'closed' as const),
    holdDownMs: fc.nat({ max: 1_000 }),
    round: fc.nat({ max: 9 }),
  })

  it('the answer is never empty, and is made of theirs', () => {
    fc.assert(
      fc.property(someTargets, somePolicy, fc.subarray(['192.0.2.1', '192.0.2.2', '192.0.2.9']), (given, policy, published) => {
        const targets = given.map((each, index) => ({ ...each, id: String(index) }))
        const answers = chooseAnswers({ targets, published, atMs: 1_000 }, policy)
        if (answers.kind === 'keep') return
        expect(answers.values.length).toBeGreaterThan(0)
        expect(answers.ids.length).toBeLessThanOrEqual(policy.most)
        const own: ReadonlySet<string> = new Set(targets.flatMap(({ values }) => values))
        expect(answers.values.every((value) => own.has(value))).toBe(true)
        const answered = targets.filter(({ id }) => answers.ids.includes(id))
        expect(answers.isOpen || answered.every(({ state }) => ['up', 'degraded', 'unknown'].includes(state))).toBe(true)
      }),
    )
  })

  it('with one up, published and known, nobody who is down is answered', () => {
    fc.assert(
      fc.property(someTargets, (given) => {
        const targets = [target('1', 'up'), ...given.map((each, index) => ({ ...each, id: `x${index}` }))]
        const answers = chooseAnswers({ targets, published: ['192.0.2.1'], atMs: 1_000 }, ALL)
        const down = targets.filter(({ state }) => state === 'down').map(({ id }) => id)
        expect(answers).toMatchObject({ kind: 'answer', isOpen: false })
        expect(down.filter((id) => idsOf(answers).includes(id))).toEqual([])
      }),
    )
  })
})
