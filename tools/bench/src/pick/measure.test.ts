import { describe, expect, it } from 'vitest'
import { bytesPerPick, calibrate, timePicks } from './measure.ts'

/** A picker whose every pick takes a microsecond and 10 bytes, by its own instruments. */
function fakePicker() {
  const state = { picks: 0, open: 0, mostOpen: 0, collections: 0 }
  const pick = () => {
    state.picks += 1
    state.open += 1
    state.mostOpen = Math.max(state.mostOpen, state.open)
    return () => void (state.open -= 1)
  }
  const instruments = {
    monotonicMs: () => state.picks / 1_000,
    heapBytes: () => state.picks * 10,
    collectGarbage: () => void (state.collections += 1),
  }
  return { state, pick, instruments }
}

describe('timePicks', () => {
  it('times all picks, holds sixteen open, and gives every one back', () => {
    const { state, pick, instruments } = fakePicker()
    expect(timePicks(pick, 1_000, instruments)).toBeCloseTo(1)
    expect(state).toMatchObject({ picks: 1_000, open: 0, mostOpen: 16 })
  })

  it('takes picks that have nothing to give back', () => {
    let picks = 0
    timePicks(() => void picks++, 5, { monotonicMs: () => 0 })
    expect(picks).toBe(5)
  })
})

describe('calibrate', () => {
  it('finds how many picks fill a batch', () => {
    const { pick, instruments } = fakePicker()
    expect(calibrate(pick, 10, instruments)).toBe(16_384)
  })

  it('is not misled by a pause', () => {
    const { state, pick, instruments } = fakePicker()
    const paused = { monotonicMs: () => instruments.monotonicMs() + (state.picks > 100 ? 1_000 : 0) }
    expect(calibrate(pick, 10, paused)).toBe(16_384)
  })

  it('finds one pick enough where a single one takes longer than a batch', () => {
    const { pick, instruments } = fakePicker()
    expect(calibrate(pick, 0.0001, instruments)).toBe(1)
  })
})

describe('bytesPerPick', () => {
  it('divides what the heap grew by after a collection', () => {
    const { state, pick, instruments } = fakePicker()
    expect(bytesPerPick(pick, 200, instruments)).toBe(10)
    expect(state.collections).toBe(1)
  })

  it('is not below nothing where the heap was collected meanwhile', () => {
    let heap = 1_000
    expect(bytesPerPick(() => undefined, 10, { heapBytes: () => (heap -= 500), collectGarbage: () => {} })).toBe(0)
  })
})
