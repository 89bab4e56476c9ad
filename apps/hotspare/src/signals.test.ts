import { expect, it } from 'vitest'
import { meaningOfSignal } from './signals.ts'

it.each([
  [undefined, 5_000, 'drain'],
  // Under npm, a terminal's Ctrl-C came twice within milliseconds, and every open connection was reset.
  [5_000, 5_003, 'ignore'],
  [5_000, 5_999, 'ignore'],
  [5_000, 6_000, 'end'],
] as const)('a signal, with the first at %s and now at %s: %s', (firstMs, nowMs, meaning) => {
  expect(meaningOfSignal(firstMs, nowMs)).toBe(meaning)
})
