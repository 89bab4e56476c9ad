import { describe, expect, it } from 'vitest'
import { type DrainTarget, objectionToDrain } from './drain-room.ts'

function target(id: string, active: number, limit: number | undefined, changes: Partial<DrainTarget> = {}): DrainTarget {
  return { id, state: 'up', active, weight: 100, limit, ...changes }
}

describe('a drain', () => {
  it.each([
    [
      'the others have no room for what is under way',
      [target('a', 8, 10), target('b', 7, 10), target('c', 0, 4)],
      'the rest of its pool has room for 14, and 15 requests are under way: 8 on it, b: 7 of 10, c: 0 of 4',
    ],
    [
      'no other target serves',
      [target('a', 1, 10), target('b', 0, 10, { state: 'down' })],
      'no other target of its pool serves, and 1 request is under way on it',
    ],
    [
      'the others are draining, or get nothing',
      [target('a', 2, undefined), target('b', 0, undefined, { state: 'draining' }), target('c', 0, undefined, { weight: 0 })],
      'no other target of its pool serves, and 2 requests are under way on it',
    ],
  ])('has against it that %s', (_what, targets, objection) => {
    expect(objectionToDrain(targets, 'a')).toBe(objection)
  })

  it.each([
    ['they have just the room', [target('a', 8, 10), target('b', 2, 10)]],
    ['one of them has no limit', [target('a', 8, 10), target('b', 9, 10), target('c', 500, undefined)]],
    ['nothing is under way on it', [target('a', 0, 10), target('b', 10, 10)]],
    ['it serves nobody', [target('a', 8, 10, { state: 'down' }), target('b', 9, 10)]],
    ['there is no such target', [target('b', 10, 10)]],
  ])('has nothing against it where %s', (_what, targets) => {
    expect(objectionToDrain(targets, 'a')).toBeUndefined()
  })
})
