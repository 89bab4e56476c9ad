import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AgedVote, MOST_VOTES, readVotes, votesBody } from './message.ts'

const vote = (more: Partial<AgedVote> = {}): AgedVote => ({ key: 'k3mJx0aBcD12_-zZ', state: 'degraded', ageMs: 12, ...more })

describe('a message of votes', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'votes'],
    ['no list', { votes: { a: 1 } }],
    ['a vote that is no list', { votes: ['k'] }],
    ['a state that there is not', { votes: [['k', 'dead', 1]] }],
    ['a key of nothing', { votes: [['', 'up', 1]] }],
    ['a key without end', { votes: [['k'.repeat(65), 'up', 1]] }],
    ['a view from the future', { votes: [['k', 'up', -1]] }],
    ['an age that is no number', { votes: [['k', 'up', '1']] }],
    ['more votes than we ever send', votesBody(Array.from({ length: MOST_VOTES + 1 }, () => vote()))],
  ])('is none with %s', (_what, body) => {
    expect(readVotes(body)).toBeUndefined()
  })

  it('is read as it was written, whatever a newer version adds beside it', () => {
    const state = fc.constantFrom<AgedVote['state']>('up', 'degraded', 'down', 'unknown')
    const votes = fc.array(fc.record({ key: fc.string({ minLength: 1, maxLength: 64 }), state, ageMs: fc.nat() }), { maxLength: 20 })
    fc.assert(
      fc.property(votes, (sent) => {
        const wire: unknown = JSON.parse(JSON.stringify({ ...votesBody(sent), rules: { newer: true } }))
        expect(readVotes(wire)).toEqual(sent)
      }),
    )
  })

  it('fits a frame of the peer channel many times, as large as it may be', () => {
    const body = votesBody(Array.from({ length: MOST_VOTES }, () => vote({ ageMs: 123_456 })))
    expect(JSON.stringify(body).length).toBeLessThan(262_144 / 4)
  })
})
