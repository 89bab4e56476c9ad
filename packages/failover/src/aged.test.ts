import { describe, expect, it } from 'vitest'
import { Aged } from './aged.ts'

const make = () => new Aged<'up' | 'unknown'>({ maxAgeMs: 100, unknown: 'unknown', source: 'the check' })
const up = { state: 'up', since: 5, because: 'answers' } as const

describe('Aged', () => {
  it('knows nothing before anything was said, and after it was told to forget', () => {
    const aged = make()
    const nothing = { state: 'unknown', since: 1_000, because: 'the check has said nothing yet' }
    expect(aged.get(0, 1_000)).toEqual(nothing)
    aged.set(up, 0)
    aged.forget()
    expect(aged.get(0, 1_000)).toEqual(nothing)
  })

  it('is worth nothing once it is old, and says since when', () => {
    const aged = make()
    aged.set(up, 0)
    expect(aged.get(150, 1_150)).toEqual({ state: 'unknown', since: 1_100, because: 'the check has been silent for 150 ms' })
  })

  it('passes a fresh verdict on as it is', () => {
    const aged = make()
    aged.set(up, 0)
    expect(aged.get(100, 1_100)).toBe(up)
  })
})
