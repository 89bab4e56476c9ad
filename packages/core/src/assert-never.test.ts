import { expect, test } from 'vitest'
import { assertNever } from './assert-never.ts'
import { HotspareError } from './errors.ts'
import type { TargetState } from './verdict.ts'

/** A state that is added to the union without a case here is a compile error in this file. */
function canBePicked(state: TargetState): boolean {
  switch (state) {
    case 'up':
    case 'degraded':
    case 'unknown':
    case 'down':
      return true
    case 'maintenance':
    case 'draining':
      return false
    default:
      return assertNever(state)
  }
}

test('a value that got past the types is named in the error', () => {
  expect(() => canBePicked('asleep' as TargetState)).toThrow('core: a case is missing for "asleep"')
})

test.each([
  ['undefined', undefined],
  ['a bigint', 1n],
  ['a circle', circle()],
  ['an object without a prototype', Object.create(null)],
])('%s still gives a HotspareError with its code', (_, value) => {
  let thrown: unknown
  try {
    assertNever(value as never)
  } catch (error) {
    thrown = error
  }
  expect(HotspareError.is(thrown)).toBe(true)
  expect(thrown).toMatchObject({ code: 'HOTSPARE_CORE_UNREACHABLE', retryable: false })
})

test('of an object only the type is named, because the rest may hold a secret', () => {
  expect(() => assertNever({ type: 'pager', token: 'hunter2' } as never)).toThrow(/^core: a case is missing for type "pager"$/)
  expect(() => assertNever({ token: 'hunter2' } as never)).toThrow(/^core: a case is missing for an object without a type$/)
})

test('a state that has its case passes', () => {
  expect(canBePicked('up')).toBe(true)
  expect(canBePicked('draining')).toBe(false)
})

function circle(): unknown {
  const self: { self?: unknown } = {}
  self.self = self
  return self
}
