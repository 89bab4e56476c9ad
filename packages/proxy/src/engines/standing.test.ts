import { expect, it } from 'vitest'
import type { EngineFailure, EngineSynced } from './engine.ts'
import { type Standing, stepStanding, unknownStanding } from './standing.ts'

const down: EngineFailure = { ok: false, reason: 'unreachable', detail: 'nobody there' }
const denied: EngineFailure = { ok: false, reason: 'denied', detail: 'level admin' }
const done = (...changes: string[]): EngineSynced => ({ ok: true, changes, pending: [] })

/** Each outcome with what was wanted, a second apart. */
function told(...steps: readonly (readonly [EngineFailure | EngineSynced, string])[]): unknown[] {
  let standing: Standing = unknownStanding
  return steps.map(([outcome, wanted], index) => {
    const stepped = stepStanding(standing, outcome, { wanted, nowMs: index * 1_000, at: index })
    standing = stepped.standing
    return stepped.events.map((event) =>
      event.type === 'engine-changed' ? event.cause : event.type === 'engine-failed' ? event.reason : event.failedForMs,
    )
  })
}

it('tells of a failure once, again where its reason changes, and of its end with how long it took', () => {
  expect(told([down, 'a'], [down, 'a'], [denied, 'a'], [denied, 'b'], [done(), 'b'], [done(), 'b'])).toEqual([
    ['unreachable'],
    [],
    ['denied'],
    [],
    [4_000],
    [],
  ])
})

it('tells what was wanted anew from what somebody else has changed', () => {
  expect(told([done('x'), 'a'], [done('y'), 'b'], [done('y'), 'b'], [down, 'b'], [done('z'), 'b'])).toEqual([
    ['wanted'],
    ['wanted'],
    ['drift'],
    ['unreachable'],
    [1_000, 'drift'],
  ])
})
