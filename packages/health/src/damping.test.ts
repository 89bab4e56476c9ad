import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DampingRules, dampingRulesSchema } from './damping-rules.ts'
import { beginDamping, dampDeath, type DampingState, dampResult, flapRatio, isHeld, penaltyAt } from './damping.ts'

const rules: DampingRules = dampingRulesSchema.parse({})

/** Results a second apart, `F` and `P`; `d` is a death. */
function play(letters: string, using: DampingRules = rules, startMs = 0): DampingState {
  let state = beginDamping()
  for (const [second, letter] of letters.split('').entries()) {
    const atMs = startMs + second * 1_000
    state = letter === 'd' ? dampDeath(state, atMs, using) : dampResult(state, letter === 'F', atMs, using)
  }
  return state
}

it.each([{ holdAtFlapRatio: 0.2, releaseAtFlapRatio: 0.3 }, { releaseAtPenalty: 3 }, { maxHoldMs: 0 }, { halfLife: 5 }])(
  'refuses rules that make no sense: %o',
  (options) => {
    expect(dampingRulesSchema.safeParse(options).success).toBe(false)
  },
)

describe('the flap score', () => {
  // Nagios' handbook: of 20 possible changes in 21 results, weighted from 0.75 for the oldest to 1.25 for the newest.
  it('is 100 % where every result differs from the one before', () => {
    expect(flapRatio(play('PF'.repeat(11)))).toBeCloseTo(1, 9)
  })

  it.each([
    ['P'.repeat(21), 0],
    [`F${'P'.repeat(20)}`, 0.75 / 20],
    [`${'P'.repeat(20)}F`, 1.25 / 20],
    ['PPFFFFPPFPPFFFPPPPPPP', (0.75 * 6 + (0.5 / 19) * (1 + 5 + 7 + 8 + 10 + 13)) / 20],
  ])('of %s is %s', (letters, expected) => {
    expect(flapRatio(play(letters))).toBeCloseTo(expected, 9)
  })

  it('weighs each change between 0.75 and 1.25', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('P', 'F'), { minLength: 1, maxLength: 21 }), (letters) => {
        const changes = letters.filter((letter, index) => index > 0 && letter !== letters[index - 1]).length
        const ratio = flapRatio(play(letters.join('')))
        expect(ratio).toBeGreaterThanOrEqual((0.75 * changes) / 20 - 1e-9)
        expect(ratio).toBeLessThanOrEqual((1.25 * changes) / 20 + 1e-9)
      }),
    )
  })

  it('falls as changes grow old, and forgets what is older than 21 results', () => {
    const before = flapRatio(play('PFPFPF'))
    expect(flapRatio(play(`PFPFPF${'F'.repeat(8)}`))).toBeLessThan(before)
    expect(flapRatio(play(`PFPFPF${'F'.repeat(21)}`))).toBe(0)
  })

  it('holds from 30 % on, and lets go at 20 %, with a memory in between', () => {
    const flapping = 'PFPFPFPP'
    expect(play('PFPFPFP').flapping).toBe(true)
    expect(flapRatio(play('PFPFPF'))).toBeLessThan(0.3)
    expect(play('PFPFPF').flapping).toBe(false)
    let calm = 0
    while (play(`${flapping}${'P'.repeat(calm)}`).flapping) calm++
    expect(flapRatio(play(`${flapping}${'P'.repeat(calm)}`))).toBeLessThanOrEqual(0.2)
    expect(flapRatio(play(`${flapping}${'P'.repeat(calm - 1)}`))).toBeGreaterThan(0.2)
    expect(calm).toBeGreaterThan(3)
  })

  it('never holds a target for one outage, however long', () => {
    for (let length = 1; length < 60; length++) {
      const letters = `${'P'.repeat(21)}${'F'.repeat(length)}d${'P'.repeat(21)}`
      for (let end = 1; end <= letters.length; end++) expect(isHeld(play(letters.slice(0, end)))).toBe(false)
    }
  })
})

describe('the penalty', () => {
  it('adds one for each death and halves with time', () => {
    const state = play('d')
    expect(penaltyAt(state, 0, rules)).toBe(1)
    expect(penaltyAt(state, 60_000, rules)).toBeCloseTo(0.5, 9)
    expect(penaltyAt(state, 180_000, rules)).toBeCloseTo(0.125, 9)
  })

  it('holds from the third death in close succession on, until it has decayed', () => {
    const rare = { ...rules, holdAtFlapRatio: 1.01 }
    expect(isHeld(play('dd', rare))).toBe(false)
    const held = play('ddd', rare)
    expect(isHeld(held)).toBe(true)
    const releaseMs = 2_000 + 60_000 * Math.log2(penaltyAt(held, 2_000, rare))
    expect(isHeld(dampResult(held, false, releaseMs - 10, rare))).toBe(true)
    expect(isHeld(dampResult(held, false, releaseMs + 10, rare))).toBe(false)
  })

  it('has a ceiling, so that no number of deaths holds a target for longer than `maxHoldMs`', () => {
    const worst = play('d'.repeat(500))
    expect(isHeld(dampResult(worst, false, 499_000 + rules.maxHoldMs - 1_000, rules))).toBe(true)
    expect(isHeld(dampResult(worst, false, 499_000 + rules.maxHoldMs, rules))).toBe(false)
  })
})

it('any target that has not failed for `maxHoldMs` is not held, whatever it did before, and its measures stay in range', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('P', 'F', 'd'), fc.integer({ min: 0, max: 100_000 })), { maxLength: 150 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (inputs, maxHoldMs) => {
        const using = { ...rules, maxHoldMs }
        let state = beginDamping()
        let nowMs = 0
        for (const [letter, waitMs] of inputs) {
          nowMs += waitMs
          state = letter === 'd' ? dampDeath(state, nowMs, using) : dampResult(state, letter === 'F', nowMs, using)
          expect(flapRatio(state)).toBeGreaterThanOrEqual(0)
          expect(flapRatio(state)).toBeLessThanOrEqual(1 + 1e-9)
          expect(penaltyAt(state, nowMs, using)).toBeLessThanOrEqual(
            Math.max(using.holdAtPenalty, 2 ** (maxHoldMs / using.penaltyHalfLifeMs)),
          )
        }
        expect(isHeld(dampResult(state, false, nowMs + maxHoldMs, using))).toBe(false)
      },
    ),
  )
})
