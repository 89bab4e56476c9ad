import { getPriority, setPriority } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { lowerPriority, raisePriority } from './priority.ts'

it('raises the guard where that is permitted, and its children give it back', () => {
  const before = getPriority()
  onTestFinished(() => {
    try {
      setPriority(before)
    } catch {
      // Lowered for good: it was the higher one before.
    }
  })
  expect(raisePriority).not.toThrow()
  expect([before, -10]).toContain(getPriority())
  lowerPriority()
  expect(getPriority()).toBeGreaterThanOrEqual(0)
})
