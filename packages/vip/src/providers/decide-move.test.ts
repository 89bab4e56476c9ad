import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginMove, decideMove, decideRelease, type MoveFacts, type MoveMemory } from './decide-move.ts'
import type { Holding } from './provider.ts'

const one = (holder: string | undefined, token?: number): Holding => ({ places: [{ name: 'p', holder }], token })
const facts = (holding: Holding, changes: Partial<MoveFacts> = {}): MoveFacts => ({
  holding,
  shape: 'atomic',
  writesToken: false,
  own: 'a',
  targets: ['a', 'b'],
  token: 5,
  memory: beginMove(holding),
  ...changes,
})
const memory = (changes: Partial<MoveMemory>): MoveMemory => ({
  before: [undefined],
  taken: new Set(),
  given: new Set(),
  marked: false,
  ...changes,
})

describe('decideMove', () => {
  it.each<[string, MoveFacts, object]>([
    ['a newer token', facts(one('b', 6)), { type: 'refuse', retryable: false }],
    ['a stranger', facts(one('z')), { type: 'refuse' }],
    ['a holder that changed since the first look', facts(one('b'), { memory: memory({}) }), { type: 'refuse' }],
    ['a member that took what was given to us', facts(one('b'), { memory: memory({ given: new Set(['p']) }) }), { type: 'refuse' }],
  ])('refuses %s', (_, given, step) => {
    expect(decideMove(given)).toMatchObject(step)
  })

  it.each<[string, MoveFacts, object]>([
    ['it is ours', facts(one('a')), { type: 'done', moved: false }],
    ['nobody has it', facts(one(undefined)), { type: 'assign' }],
    ['a member has it, and one call takes it over', facts(one('b')), { type: 'assign' }],
    ['a member has it, and it must be taken off first', facts(one('b'), { shape: 'release-then-take' }), { type: 'unassign', holder: 'b' }],
    [
      'it was taken off and still shows',
      facts(one('b'), { shape: 'release-then-take', memory: memory({ before: ['b'], taken: new Set(['p']) }) }),
      { type: 'wait' },
    ],
    ['a crash between the two calls', facts(one(undefined), { shape: 'release-then-take' }), { type: 'assign' }],
    ['it was given and does not show yet', facts(one('b'), { memory: memory({ before: ['b'], given: new Set(['p']) }) }), { type: 'wait' }],
    ['the token has to be written first', facts(one('b', 4), { writesToken: true }), { type: 'mark' }],
    ['it is ours with an older token', facts(one('a', 4), { writesToken: true }), { type: 'mark' }],
    ['our token stands there already', facts(one('b', 5), { writesToken: true }), { type: 'assign' }],
  ])('knows the next step when %s', (_, given, step) => {
    expect(decideMove(given)).toMatchObject(step)
  })

  it('takes place after place, and completes what was cut short between two', () => {
    const places = [
      { name: 'p', holder: 'a' },
      { name: 'q', holder: 'b' },
    ]
    expect(decideMove(facts({ places }))).toMatchObject({ type: 'assign', place: { name: 'q' } })
  })

  it('never touches what a stranger has, whatever else is seen', () => {
    const holder = fc.constantFrom('a', 'b', 'z', undefined)
    const scene = fc.record({
      holders: fc.array(holder, { minLength: 1, maxLength: 4 }),
      atomic: fc.boolean(),
      marked: fc.boolean(),
      writesToken: fc.boolean(),
    })
    fc.assert(
      fc.property(scene, ({ holders, atomic, marked, writesToken }) => {
        const holding = { places: holders.map((each, index) => ({ name: `p${index}`, holder: each })) }
        const step = decideMove(
          facts(holding, { shape: atomic ? 'atomic' : 'release-then-take', writesToken, memory: { ...beginMove(holding), marked } }),
        )
        expect(step.type === 'refuse').toBe(holders.includes('z'))
        expect(step.type === 'done' && !holders.every((each) => each === 'a')).toBe(false)
      }),
    )
  })
})

describe('decideRelease', () => {
  it('touches only what is ours, and each place once', () => {
    const places = [
      { name: 'p', holder: 'b' },
      { name: 'q', holder: 'a' },
    ]
    expect(decideRelease({ places }, 'a', new Set())).toMatchObject({ type: 'unassign', place: { name: 'q' } })
    expect(decideRelease({ places }, 'a', new Set(['q']))).toEqual({ type: 'wait' })
    expect(decideRelease(one('b'), 'a', new Set())).toEqual({ type: 'done', moved: false })
  })
})
