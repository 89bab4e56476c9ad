import type { HealthState } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createVoteKeeper,
  decideQuorum,
  type ObserverVote,
  quorumDefaults,
  type QuorumOptions,
  quorumOptionsSchema,
  votesNeeded,
} from './quorum.ts'

const LETTERS: Readonly<Record<string, HealthState>> = { U: 'up', G: 'degraded', D: 'down', '?': 'unknown' }

/** `DU?`: this node says down, the first other observer up, the second abstains; all votes are one second old. */
function decide(letters: string, options: QuorumOptions = {}, agesMs: readonly number[] = []) {
  const [own = 'unknown', ...others] = letters.split('').map((letter) => LETTERS[letter]!)
  const votes = others.map((state, index): ObserverVote => ({ observer: `n${index + 1}`, state, atMs: 10_000 - (agesMs[index] ?? 1_000) }))
  return decideQuorum({ own: { observer: 'self', state: own }, votes, rules: quorumOptionsSchema.parse(options), nowMs: 10_000 })
}

describe('a quorum of observers', () => {
  it.each([
    { letters: 'DUU', state: 'degraded', why: 'one observer that cannot reach it is outvoted' },
    { letters: 'DDU', state: 'down', why: 'two of three' },
    { letters: 'UDD', state: 'down', why: 'this node is outvoted as well' },
    { letters: 'UDU', state: 'up', why: 'as this node sees it' },
    { letters: 'GDU', state: 'degraded', why: 'as this node sees it' },
    { letters: 'DU', state: 'degraded', why: 'a tie convicts nobody' },
    { letters: 'DDUU', state: 'degraded', why: 'a tie convicts nobody' },
    { letters: '?DD', state: 'down', why: 'who abstains is not needed' },
    { letters: '?DU', state: 'up', why: 'what others see, where this node sees nothing' },
    { letters: '?DG', state: 'degraded', why: 'what others see, where this node sees nothing' },
    { letters: 'D??', state: 'down', why: 'no quorum: its own view stands' },
    { letters: '?D?', state: 'unknown', why: 'no quorum, and no view of its own' },
    { letters: 'U', state: 'up', why: 'alone' },
    { letters: 'D', state: 'down', why: 'alone: the last node that is left must still find a death' },
  ])('of $letters more than half makes $state ($why)', ({ letters, state }) => {
    expect(decide(letters).state).toBe(state)
  })

  it.each([
    { letters: 'DUUUU', state: 'degraded' },
    { letters: 'DDUUU', state: 'down' },
    { letters: 'UDDUU', state: 'down' },
    { letters: 'D', state: 'down' },
    { letters: 'D?', state: 'down' },
  ])('takes two whatever their number, where it is told two: $letters is $state', ({ letters, state }) => {
    expect(decide(letters, { atLeast: 2 }).state).toBe(state)
  })

  it.each([
    { letters: 'D', state: 'unknown' },
    { letters: 'D?', state: 'unknown' },
    { letters: 'U', state: 'up' },
    { letters: 'G', state: 'degraded' },
    { letters: 'DD', state: 'down' },
  ])('without a quorum does not know of a down, where it is told so: $letters is $state', ({ letters, state }) => {
    expect(decide(letters, { atLeast: 2, alone: 'unknown' }).state).toBe(state)
  })

  it.each([
    { share: 0.5, live: 2, needed: 2 },
    { share: 0.5, live: 3, needed: 2 },
    { share: 0.5, live: 4, needed: 3 },
    { share: 0, live: 9, needed: 1 },
    { share: 0.29, live: 100, needed: 30 },
    // Route 53 calls healthy what more than 18 % of its checkers call healthy.
    { share: 0.82, live: 16, needed: 14 },
    { share: 0.99, live: 5, needed: 5 },
  ])('needs $needed of $live votes to be more than $share of them', ({ share, live, needed }) => {
    expect(votesNeeded({ share }, live)).toBe(needed)
  })

  it('counts a vote up to its lifetime and not at it', () => {
    expect(decide('UDD', {}, [4_999, 4_999]).state).toBe('down')
    expect(decide('UDD', {}, [5_000, 4_999])).toMatchObject({ state: 'up', down: ['n2'], quorate: true })
    expect(decide('UDD', {}, [5_000, 5_000])).toMatchObject({ state: 'up', down: [], quorate: false })
  })

  it('says until when it holds if nothing new comes', () => {
    expect(decide('UDU', {}, [1_000, 3_000]).holdsUntilMs).toBe(12_000)
    expect(decide('D?', {}).holdsUntilMs).toBeUndefined()
  })

  it('says why in one clause, with names', () => {
    expect(decide('DUU').because).toBe('1 of 3 observers say that it is down (self), and it takes 2')
    expect(decide('DDDDDDDD').because).toBe('8 of 8 observers say that it is down (self, n1, n2, n3, n4 and 3 more)')
    expect(decide('D').because).toBe("1 of the 2 votes that a quorum takes: this node's own view stands")
    expect(decide('D', { alone: 'unknown' }).because).toBe('1 of the 2 votes that a quorum takes: nobody confirms that it is down')
  })

  it('does not count this node twice where its own vote comes back to it, and the latest of two of another', () => {
    const rules = quorumOptionsSchema.parse({})
    const vote = (observer: string, state: HealthState, atMs: number): ObserverVote => ({ observer, state, atMs })
    const own = { observer: 'self', state: 'down' as const }
    expect(decideQuorum({ own, votes: [vote('self', 'down', 9)], rules, nowMs: 10 }).quorate).toBe(false)
    const changed = [vote('n1', 'up', 9), vote('n1', 'down', 8)]
    expect(decideQuorum({ own, votes: changed, rules, nowMs: 10 }).state).toBe('degraded')
  })

  it.each([
    { options: { atLeast: 2, share: 0.5 }, names: 'share' },
    { options: { atLeast: 3, minVotes: 2 }, names: 'minVotes' },
    { options: { share: 1 }, names: 'share' },
    { options: { votes: 2 }, names: 'votes' },
  ])('refuses $options', ({ options, names }) => {
    expect(() => createVoteKeeper({ self: 'a', ...options })).toThrow(names)
  })
})

describe('any set of votes', () => {
  const anyVotes = fc.array(
    fc.record({
      observer: fc.constantFrom('self', 'a', 'b', 'c', 'd', 'e'),
      state: fc.constantFrom<HealthState>('up', 'degraded', 'down', 'unknown'),
      atMs: fc.integer({ min: 0, max: 10_000 }),
    }),
    { maxLength: 30, size: 'max' },
  )
  const anyOwn = fc.constantFrom<HealthState>('up', 'degraded', 'down', 'unknown')
  const anyOptions = fc.oneof(
    fc.record({ atLeast: fc.integer({ min: 1, max: 4 }), alone: fc.constantFrom('own' as const, 'unknown' as const) }),
    fc.record({ share: fc.double({ min: 0, max: 0.99, noNaN: true }), minVotes: fc.integer({ min: 1, max: 4 }) }),
  )

  it('makes a down only with enough live votes of different observers, or alone, on the own view', () => {
    fc.assert(
      fc.property(anyOwn, anyVotes, anyOptions, (state, votes, options) => {
        const rules = quorumOptionsSchema.parse(options)
        const decision = decideQuorum({ own: { observer: 'self', state }, votes, rules, nowMs: 10_000 })
        expect(new Set([...decision.down, ...decision.working]).size).toBe(decision.down.length + decision.working.length)
        const enough = decision.down.length >= votesNeeded(rules, decision.down.length + decision.working.length)
        expect(decision.state === 'down').toBe(decision.quorate ? enough : state === 'down' && rules.alone === 'own')
      }),
    )
  })

  it('a working target is never called down by votes for it: one more of them makes no down', () => {
    fc.assert(
      fc.property(anyVotes, anyOptions, (votes, options) => {
        const rules = quorumOptionsSchema.parse({ ...options, minVotes: 'atLeast' in options ? options.atLeast : 1 })
        const question = { own: { observer: 'self', state: 'up' as const }, rules, nowMs: 10_000 }
        const before = decideQuorum({ ...question, votes })
        const after = decideQuorum({ ...question, votes: [...votes, { observer: 'new', state: 'up' as const, atMs: 10_000 }] })
        expect(before.state !== 'down' && after.state === 'down').toBe(false)
      }),
    )
  })
})

describe('the vote keeper', () => {
  const setUp = (options: QuorumOptions = {}) => {
    const clock = new TestClock()
    return { clock, keeper: createVoteKeeper({ self: 'me', clock, ...options }) }
  }

  it('lets a vote count for its lifetime, from when it was held and not from when it came', async () => {
    const { clock, keeper } = setUp()
    await clock.advance(10_000)
    keeper.record({ targetId: 't', observer: 'b', state: 'down', ageMs: 2_000 })
    expect(keeper.decide('t', 'down').state).toBe('down')
    expect(keeper.decide('t', 'down').quorate).toBe(true)
    await clock.advance(2_999)
    expect(keeper.decide('t', 'down').quorate).toBe(true)
    await clock.advance(1)
    expect(keeper.decide('t', 'down').quorate).toBe(false)
  })

  it('is not moved by a step of the wall clock', () => {
    const { clock, keeper } = setUp()
    keeper.record({ targetId: 't', observer: 'b', state: 'up' })
    clock.stepWall(86_400_000)
    expect(keeper.decide('t', 'down').state).toBe('degraded')
  })

  it('keeps the newer vote where an older one comes later', async () => {
    const { clock, keeper } = setUp()
    await clock.advance(10_000)
    expect(keeper.record({ targetId: 't', observer: 'b', state: 'up' })).toBe(true)
    expect(keeper.record({ targetId: 't', observer: 'b', state: 'down', ageMs: 1_000 })).toBe(false)
    expect(keeper.decide('t', 'down').working).toEqual(['b'])
  })

  it('refuses what is no vote: its own name, an age that is none, a state that is none, a name without end', () => {
    const { keeper } = setUp()
    const vote = { targetId: 't', observer: 'b', state: 'down' as const }
    for (const wrong of [
      { observer: 'me' },
      { observer: '' },
      { observer: 'x'.repeat(256) },
      { targetId: '' },
      { observer: null as unknown as string },
      { ageMs: -1 },
      { ageMs: Number.NaN },
      { ageMs: quorumDefaults.voteLifetimeMs },
      { state: 'dead' as 'down' },
    ]) {
      keeper.record({ ...vote, ...wrong })
    }
    expect([...keeper.votesOn('t'), ...keeper.votesOn('')]).toEqual([])
  })

  it('is bounded, and makes room by itself once votes have grown old', async () => {
    const { clock, keeper } = setUp({ maxObservers: 2, maxTargets: 2 })
    const record = (targetId: string, observer: string) => keeper.record({ targetId, observer, state: 'down' })
    expect([record('t1', 'a'), record('t1', 'b'), record('t1', 'c')]).toEqual([true, true, false])
    expect([record('t2', 'a'), record('t3', 'a')]).toEqual([true, false])
    expect(record('t1', 'a')).toBe(true)
    await clock.advance(quorumDefaults.voteLifetimeMs)
    expect([record('t3', 'a'), record('t1', 'c')]).toEqual([true, true])
    expect(keeper.votesOn('t1').map(({ observer }) => observer)).toEqual(['c'])
  })

  it('looks for room no oftener than ten times in the life of a vote, whoever asks for it', async () => {
    const { clock, keeper } = setUp({ maxTargets: 1 })
    const record = (targetId: string) => keeper.record({ targetId, observer: 'b', state: 'down' })
    record('t')
    await clock.advance(4_999)
    expect(record('s')).toBe(false)
    await clock.advance(499)
    expect(record('s')).toBe(false)
    await clock.advance(1)
    expect(record('s')).toBe(true)
  })

  it('forgets an observer or a target when told', () => {
    const { keeper } = setUp()
    for (const targetId of ['t', 's']) keeper.record({ targetId, observer: 'b', state: 'down' })
    keeper.forgetObserver('b')
    expect(keeper.votesOn('t')).toEqual([])
    keeper.record({ targetId: 't', observer: 'b', state: 'down' })
    keeper.forgetTarget('t')
    expect(keeper.votesOn('t')).toEqual([])
  })
})
