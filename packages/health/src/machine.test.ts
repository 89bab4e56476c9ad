import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialState, type MachineEffect, type MachineInput, type MachineRules, type MachineState, step } from './machine.ts'

const rules: MachineRules = { rise: 2, fall: 3, trafficFailures: 5 }

/** `P`, `F` and `I` (inconclusive) are probes, `p` and `f` are requests of real traffic. */
function input(letter: string): MachineInput {
  if (letter === 'I') return { type: 'probe', outcome: 'inconclusive', detail: 'EMFILE' }
  const ok = letter.toUpperCase() === 'P'
  const detail = ok ? '200 OK' : 'connection refused'
  return letter === letter.toUpperCase() ? { type: 'probe', outcome: ok ? 'pass' : 'fail', detail } : { type: 'traffic', ok, detail }
}

function play(letters: string, using: MachineRules = rules): { state: MachineState; health: number[]; effects: MachineEffect[] } {
  let state = initialState(using)
  const health: number[] = []
  const effects: MachineEffect[] = []
  for (const letter of letters) {
    const next = step(state, input(letter), using)
    state = next.state
    health.push(state.health)
    effects.push(...next.effects)
  }
  return { state, health, effects }
}

describe('the rise/fall machine', () => {
  // HAProxy's counter: [0, rise + fall - 1], up from `rise`; a fall below `rise` goes to 0, a rise to `rise` to the top.
  it.each([
    { rise: 2, fall: 3, letters: 'PFFF', health: [4, 3, 2, 0], states: 'up>down' },
    { rise: 2, fall: 3, letters: 'PFFPFF', health: [4, 3, 2, 4, 3, 2], states: 'up' },
    { rise: 2, fall: 3, letters: 'PFFFPP', health: [4, 3, 2, 0, 1, 4], states: 'up>down>up' },
    { rise: 2, fall: 3, letters: 'PFFFPFPP', health: [4, 3, 2, 0, 1, 0, 1, 4], states: 'up>down>up' },
    { rise: 1, fall: 1, letters: 'PFPF', health: [1, 0, 1, 0], states: 'up>down>up>down' },
    { rise: 3, fall: 1, letters: 'PFPPFPPP', health: [3, 0, 1, 2, 0, 1, 2, 3], states: 'up>down>up' },
    { rise: 1, fall: 4, letters: 'PFFFF', health: [4, 3, 2, 1, 0], states: 'up>down' },
  ])('counts $letters as HAProxy does with rise $rise and fall $fall', ({ rise, fall, letters, health, states }) => {
    const played = play(letters, { rise, fall, trafficFailures: 0 })
    expect(played.health).toEqual(health)
    expect(played.effects.map(({ to }) => to).join('>')).toBe(states)
  })

  it('stays unknown on a blip at start-up, and is down after `fall` failures in a row', () => {
    expect(play('FF').state.state).toBe('unknown')
    expect(play('FFF').effects).toEqual([
      { type: 'transition', from: 'unknown', to: 'down', because: '3 probes in a row failed: connection refused' },
    ])
  })

  it('believes the first pass at start-up, even after failures', () => {
    expect(play('FFP').effects).toEqual([{ type: 'transition', from: 'unknown', to: 'up', because: '1 probe passed: 200 OK' }])
  })

  it('says why in one clause, each way', () => {
    expect(play('PFFFPP').effects.map(({ because }) => because)).toEqual([
      '1 probe passed: 200 OK',
      '3 probes in a row failed: connection refused',
      '2 probes in a row passed: 200 OK',
    ])
  })

  it('marks a target down at once when enough requests in a row failed', () => {
    expect(play('Pffff').state.state).toBe('up')
    expect(play('Pfffff').effects.at(-1)).toEqual({
      type: 'transition',
      from: 'up',
      to: 'down',
      because: '5 requests in a row failed: connection refused',
    })
  })

  it.each(['PffffpFffff', 'PffffPffff'])('starts counting requests anew after a good request or a passed probe (%s)', (letters) => {
    expect(play(letters).state.state).toBe('up')
  })

  it('does not let a failed probe forget failed requests', () => {
    expect(play('PffFfff').state.state).toBe('down')
  })

  it('leaves the way back to probes: traffic changes nothing while a target is down', () => {
    const { state } = play('Pfffff')
    expect(step(state, input('p'), rules)).toEqual({ state: { ...state, trafficFailures: 0 }, effects: [] })
    expect(step(state, input('f'), rules)).toEqual({ state, effects: [] })
    expect(play('PfffffpppP').state.state).toBe('down')
    expect(play('PfffffppPP').state.state).toBe('up')
  })

  it('never marks a target up by traffic, so that an unproven target stays unproven', () => {
    expect(play('pppp').state.state).toBe('unknown')
  })

  it('ignores failed requests where traffic is switched off', () => {
    expect(play(`P${'f'.repeat(100)}`, { ...rules, trafficFailures: 0 }).state.state).toBe('up')
  })

  it('gives back the same object for good traffic, which is the usual case', () => {
    const { state } = play('P')
    expect(step(state, input('p'), rules).state).toBe(state)
  })
})

describe('a probe that could not look', () => {
  it.each(['', 'P', 'PF', 'PFFF', 'PFFFP', 'Pff', 'FF'])('after "%s" changes nothing at all', (letters) => {
    const { state } = play(letters)
    const next = step(state, input('I'), rules)
    expect(next).toEqual({ state, effects: [] })
    expect(next.state).toBe(state)
  })

  it('neither clears a streak nor adds to it', () => {
    expect(play('PFIFI').state.state).toBe('up')
    expect(play('PFIFIF').state.state).toBe('down')
    expect(play('PFFFPIP').state.state).toBe('up')
  })

  it('alone leaves a target unknown, however often', () => {
    expect(play('I'.repeat(100)).state.state).toBe('unknown')
  })
})

/** `D` is a degraded result, `X` a failure that the target has stated itself, `h` a pass while the way back is held. */
function playMore(letters: string, using: MachineRules = rules): { state: MachineState; effects: MachineEffect[] } {
  let state = initialState(using)
  const effects: MachineEffect[] = []
  for (const letter of letters) {
    const next = step(state, moreInput(letter), using)
    state = next.state
    effects.push(...next.effects)
  }
  return { state, effects }
}

function moreInput(letter: string): MachineInput {
  if (letter === 'D') return { type: 'probe', outcome: 'degraded', detail: 'loading' }
  if (letter === 'X') return { type: 'probe', outcome: 'fail', immediate: true, detail: 'down#maintenance' }
  if (letter === 'h') return { type: 'probe', outcome: 'pass', held: true, detail: '200 OK' }
  return input(letter)
}

const statesOf = (letters: string, using?: MachineRules) =>
  playMore(letters, using)
    .effects.map(({ to }) => to)
    .join('>')

describe('a degraded result', () => {
  it.each([
    ['D', 'degraded', 'proves a new target, as a pass does'],
    ['PD', 'up>degraded', 'makes it degraded at once'],
    ['PDP', 'up>degraded', 'is not forgotten after one full pass'],
    ['PDPP', 'up>degraded>up', 'is forgotten after `rise` full passes in a row'],
    ['PDPDPP', 'up>degraded>up', 'starts the count of full passes anew'],
    ['PDPFPP', 'up>degraded>up', 'has its full passes counted anew after a failure'],
    ['PDPFP', 'up>degraded', 'has its full passes counted anew after a failure, and not before'],
    ['PDFFF', 'up>degraded>down', 'keeps nothing from going down'],
    ['PFFDFF', 'up>degraded', 'clears a streak of failures, as a pass does'],
    ['PFFFDD', 'up>down>degraded', 'counts on the way back, which ends in degraded'],
    ['PFFFDP', 'up>down>degraded', 'on the way back is not outweighed by one full pass'],
    ['PFFFDPP', 'up>down>degraded>up', 'on the way back is outweighed by `rise` full passes'],
    ['PDFFFPP', 'up>degraded>down>up', 'of before an outage is outweighed by the full passes that end it'],
  ])('in %s gives %s: it %s', (letters, states) => {
    expect(statesOf(letters)).toBe(states)
  })

  it('says why in one clause, each way', () => {
    expect(playMore('PDPP').effects.map(({ because }) => because)).toEqual([
      '1 probe passed: 200 OK',
      '1 probe passed, though not as it should: loading',
      '2 probes in a row passed in full: 200 OK',
    ])
    expect(playMore('PFFFDP').effects.at(-1)?.because).toBe('2 probes in a row passed, though not each of them as it should: 200 OK')
  })
})

describe('a failure that the target states itself', () => {
  it('marks it down at once, from whatever state, and the way back is the usual one', () => {
    expect(statesOf('X')).toBe('down')
    expect(statesOf('PX')).toBe('up>down')
    expect(statesOf('PDX')).toBe('up>degraded>down')
    expect(statesOf('PXP')).toBe('up>down')
    expect(statesOf('PXPP')).toBe('up>down>up')
    expect(playMore('PX').effects.at(-1)?.because).toBe('it says so itself: down#maintenance')
  })
})

describe('a way back that is held', () => {
  it('opens with the first pass after it, however many were counted meanwhile', () => {
    expect(statesOf('PFFFhhhhh')).toBe('up>down')
    expect(statesOf('PFFFhhhhhP')).toBe('up>down>up')
    expect(playMore('PFFFhhP').effects.at(-1)?.because).toBe('3 probes in a row passed: 200 OK')
    expect(statesOf('PFhP', { ...rules, rise: 1, fall: 1 })).toBe('up>down>up')
  })

  it('holds nothing but the way back: not the way out, nor a target that is up or new', () => {
    expect(statesOf('h')).toBe('up')
    expect(statesOf('PFFhFF')).toBe('up')
    expect(statesOf('PhFFF')).toBe('up>down')
  })
})

describe('the state before anything was seen', () => {
  it('is up if it is said to be, until `fall` failures, and a first pass is no change', () => {
    const using = { ...rules, initialState: 'up' as const }
    expect(initialState(using).state).toBe('up')
    expect(statesOf('FF', using)).toBe('')
    expect(statesOf('FFF', using)).toBe('down')
    expect(statesOf('P', using)).toBe('')
  })

  it('is down if it is said to be, until `rise` passes', () => {
    const using = { ...rules, initialState: 'down' as const }
    expect(statesOf('FFFF', using)).toBe('')
    expect(statesOf('P', using)).toBe('')
    expect(statesOf('PP', using)).toBe('up')
  })
})

describe('any sequence of results of every kind', () => {
  it('keeps what the machine promises', () => {
    const anyRules = fc.record({
      rise: fc.integer({ min: 1, max: 5 }),
      fall: fc.integer({ min: 1, max: 5 }),
      trafficFailures: fc.integer({ min: 0, max: 5 }),
      initialState: fc.constantFrom('unknown', 'up', 'down'),
    })
    const anyLetters = fc.array(fc.constantFrom('P', 'P', 'D', 'F', 'F', 'X', 'I', 'h', 'p', 'f', 'f'), { maxLength: 200 })
    fc.assert(
      fc.property(anyRules, anyLetters, (using, letters) => {
        let state = initialState(using)
        const top = using.rise + using.fall - 1
        for (const letter of letters) {
          const next = step(state, moreInput(letter), using)
          const [effect, ...more] = next.effects
          expect(more).toEqual([])
          expect(next.state.health).toBeGreaterThanOrEqual(0)
          expect(next.state.health).toBeLessThanOrEqual(top)
          expect(next.state.state === 'down').toBe(next.state.health < using.rise)
          expect(next.state.state === 'degraded').toBe(!['down', 'unknown'].includes(next.state.state) && next.state.fullPassesLeft > 0)
          expect(next.state.consecutivePasses === 0 || next.state.consecutiveFailures === 0).toBe(true)
          expect(effect?.to).toBe(next.state.state === state.state ? undefined : next.state.state)
          expect(letter !== 'I' || next.state === state).toBe(true)
          expect(letter !== 'X' || next.state.state === 'down').toBe(true)
          expect(letter !== 'h' || state.state !== 'down' || next.state.state === 'down').toBe(true)
          expect(effect === undefined ? '' : effect.to === 'down' ? 'FXf' : 'PDh').toContain(effect === undefined ? '' : letter)
          expect(next.state.state !== 'unknown' || state.state === 'unknown').toBe(true)
          state = next.state
        }
      }),
    )
  })
})

describe('any sequence of results', () => {
  const anyRules = fc.record({
    rise: fc.integer({ min: 1, max: 6 }),
    fall: fc.integer({ min: 1, max: 6 }),
    trafficFailures: fc.integer({ min: 0, max: 6 }),
  })
  /** The results that count together with this one: probes among probes; requests since the last passed probe. */
  const seen = (letters: string, last: string) => letters.replaceAll(last === 'f' ? 'F' : /[pf]/g, '')
  const proofOf = (from: string, to: string, last: string, { rise, fall, trafficFailures }: MachineRules) => {
    if (to === 'up') return new RegExp(`P{${from === 'unknown' ? 1 : rise}}$`)
    return last === 'F' ? new RegExp(`F{${fall}}$`) : new RegExp(`f{${trafficFailures}}$`)
  }
  const anyLetters = fc.array(fc.constantFrom('P', 'F', 'F', 'p', 'f', 'f'), { maxLength: 120 })

  it('keeps the counter in its range, and the state follows from it', () => {
    fc.assert(
      fc.property(anyRules, anyLetters, (using, letters) => {
        let state = initialState(using)
        for (const letter of letters) {
          state = step(state, input(letter), using).state
          const { rise, fall } = using
          expect(state.health).toBeGreaterThanOrEqual(0)
          expect(state.health).toBeLessThanOrEqual(rise + fall - 1)
          expect(state.state === 'down').toBe(state.health < rise)
          // What people are told ("2 more failed probes") follows from the counters alone.
          expect(state.health).toBe(state.state === 'down' ? state.consecutivePasses : rise + fall - 1 - state.consecutiveFailures)
        }
      }),
    )
  })

  it('goes down only on the last of `fall` failed probes or of `trafficFailures` failed requests, and up only on a passed probe', () => {
    fc.assert(
      fc.property(anyRules, anyLetters, (using, letters) => {
        let state = initialState(using)
        for (const [index, letter] of letters.entries()) {
          const next = step(state, input(letter), using)
          const soFar = letters.slice(0, index + 1).join('')
          for (const { from, to } of next.effects) {
            expect(from).toBe(state.state)
            expect(to).not.toBe(from)
            expect(seen(soFar, letter)).toMatch(proofOf(from, to, letter, using))
          }
          state = next.state
        }
      }),
    )
  })

  it('one pass clears a streak: `fall - 1` failures after it leave an up target up', () => {
    fc.assert(
      fc.property(anyRules, anyLetters, (using, letters) => {
        const up = `${letters.join('')}${'P'.repeat(using.rise)}`
        expect(play(`${up}${'F'.repeat(using.fall - 1)}`, using).state.state).toBe('up')
        expect(play(`${up}${'F'.repeat(using.fall)}`, using).state.state).toBe('down')
      }),
    )
  })
})
