import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { outputOf } from './commands.fixture.ts'
import { createProgress } from './progress.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }))
afterEach(() => void vi.useRealTimers())

describe('progress', () => {
  it.each([undefined, false])('is a plain line for each step that has ended where the output is no terminal (%s)', (isTTY) => {
    const { stream, text } = outputOf(isTTY)
    const progress = createProgress(stream)
    let sent = 0
    progress.show(() => `${sent} sent`)
    vi.advanceTimersByTime(3_000)
    expect(text()).toBe('')
    sent = 600
    progress.step('a kill')
    vi.advanceTimersByTime(12_000)
    sent = 2_400
    progress.end()
    expect(text()).toBe('  3 s  undisturbed load: 600 sent\n 15 s  a kill: 2400 sent\n')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is a line that moves on a terminal, and stays when its step has ended', () => {
    const { stream, text } = outputOf(true)
    const progress = createProgress(stream)
    let sent = 0
    progress.show(() => `${(sent += 40)} sent`)
    vi.advanceTimersByTime(400)
    const clear = '\r\u001B[2K'
    expect(text()).toBe(`${clear}  0 s  undisturbed load: 40 sent${clear}  0 s  undisturbed load: 80 sent`)
    progress.step('a kill')
    expect(text().endsWith(`${clear}  0 s  undisturbed load: 120 sent\n`)).toBe(true)
    vi.advanceTimersByTime(200)
    progress.end()
    expect(text().split('\n')).toHaveLength(3)
    expect(text().endsWith('\n')).toBe(true)
    const ended = text()
    vi.advanceTimersByTime(10_000)
    expect([text(), vi.getTimerCount()]).toEqual([ended, 0])
  })
})
