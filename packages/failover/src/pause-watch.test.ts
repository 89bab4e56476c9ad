import { describe, expect, it } from 'vitest'
import { engineDefaults } from './defaults.ts'
import { beginPauseWatch, sickness, tick } from './pause-watch.ts'

const { pauseMs, sickMs } = engineDefaults

describe('the pause watch', () => {
  it('shows a pause before any tick has, and for a while after it', () => {
    const begun = beginPauseWatch(1_000)
    expect(sickness(begun, 1_000 + pauseMs - 1)).toBeUndefined()
    expect(sickness(begun, 1_000 + pauseMs)).toBe(`this process did not run for ${pauseMs} ms just now`)
    const late = tick(begun, 2_000)
    expect(sickness(late, 2_000)).toBe('this process did not run for 1000 ms just now')
    expect(sickness(late, 2_000 + pauseMs - 1)).toContain('1000 ms')
  })

  it('is over after a while of ticks in time, and a second pause begins it anew', () => {
    let watch = tick(beginPauseWatch(0), 1_000)
    for (let atMs = 1_050; atMs < 1_000 + sickMs; atMs += 50) {
      watch = tick(watch, atMs)
      expect(sickness(watch, atMs)).toBeDefined()
    }
    watch = tick(watch, 1_000 + sickMs)
    expect(sickness(watch, 1_000 + sickMs)).toBeUndefined()
    expect(tick(watch, 4_000).sickUntilMs).toBe(4_000 + sickMs)
  })

  it('keeps to a limit that was given', () => {
    expect(sickness(beginPauseWatch(0, 50), 50)).toBeDefined()
    expect(sickness(tick(beginPauseWatch(0, 5_000), 4_999), 4_999)).toBeUndefined()
  })
})
