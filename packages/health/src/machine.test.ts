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
