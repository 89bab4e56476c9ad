import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { AsideBoard, type TargetAside } from './traffic-aside.ts'

const START = 1_000_000

function boardOf(changes: Partial<TargetAside> = {}): { board: AsideBoard; clock: TestClock } {
  const clock = new TestClock(START)
  const board = new AsideBoard({ clock })
  board.heard([{ targetId: 'shop/a', state: 'ejected', since: START, until: START + 30_000, because: 'it fails', ...changes }])
  return { board, clock }
}

const probe = (outcome: 'pass' | 'degraded' | 'inconclusive', targetId = 'shop/a') =>
  ({ type: 'probe-finished', at: START + 100, targetId, result: { outcome, detail: 'x', durationMs: 50 } }) as const

it('forgets who is not on the list any more', () => {
  const { board } = boardOf()
  board.heard([])
  expect(board.get('shop/a')).toBeUndefined()
})

it('believes a worker that says nothing any more until the time that it gave, and no longer', async () => {
  const { board, clock } = boardOf()
  await clock.advance(29_999)
  expect(board.get('shop/a')?.because).toBe('it fails')
  await clock.advance(1)
  expect(board.get('shop/a')).toBeUndefined()
})

it.each([
  ['has failed', boardOf(), { ...probe('pass'), result: { outcome: 'fail', reason: 'refused', detail: 'x', durationMs: 50 } }],
  ['shows nothing', boardOf(), probe('inconclusive')],
  ['is of a target that gets requests', boardOf(), probe('pass', 'shop/b')],
  ['is of a target that asks for less: a probe does not take that back', boardOf({ state: 'backing-off' }), probe('pass')],
  ['began before the ejection: it has seen the target as it was', boardOf({ since: START + 60 }), probe('pass')],
] as const)('the worker does not hear of a probe that %s', (_, { board }, event) => {
  expect(board.mayReturnBy(event)).toBe(false)
})

it.each(['pass', 'degraded'] as const)('the worker hears of a probe that has ended with %s while its target is ejected', (outcome) => {
  expect(boardOf().board.mayReturnBy(probe(outcome))).toBe(true)
})
