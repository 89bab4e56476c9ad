import { expect, it } from 'vitest'
import { ResetAllowance } from './reset-allowance.ts'

function spent(allowance: ResetAllowance, atMs: number): number {
  let count = 0
  while (allowance.spend(atMs)) count += 1
  return count
}

it('a client may take back a page full of requests at once, and some a second after that', () => {
  const allowance = new ResetAllowance(5_000)
  expect(spent(allowance, 5_000)).toBe(500)
  expect(allowance.spend(5_001)).toBe(false)
  expect(spent(allowance, 15_001)).toBe(328)
  // However long it waits, no more than at first.
  expect(spent(allowance, 1e9)).toBe(500)
})
