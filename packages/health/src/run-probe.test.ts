import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { passed } from './failure.ts'
import { type ProbeRun, runProbe } from './run-probe.ts'

function start(clock: TestClock, look: (run: ProbeRun) => Promise<ReturnType<typeof passed>>) {
  return runProbe({ what: 'a probe', timeoutMs: 500, clock, signal: undefined }, look)
}

describe('runProbe', () => {
  it('names what it waited for at its deadline, and what ends later changes nothing in the result', async () => {
    const clock = new TestClock()
    let late: ProbeRun | undefined
    const result = start(clock, (run) => {
      late = run
      run.ended('connect')
      run.phase = 'waiting for the banner'
      return new Promise(() => {})
    })
    await clock.advance(500)
    const before = await result
    late?.ended('transfer')
    expect(before).toMatchObject({ outcome: 'fail', reason: 'timeout', detail: 'nothing more within 500 ms while waiting for the banner' })
    expect(before.phases).toEqual([{ name: 'connect', tookMs: 0 }])
  })

  it('makes what a target wrote fit for a line of a log, in a warning too', async () => {
    // The words of an agent went into a warning as they were: escape sequences for whoever reads it on a terminal.
    const result = await start(new TestClock(), () =>
      Promise.resolve(passed('\u001B[2Jwell', { warning: `\u001B[2J\u0000${'x'.repeat(300)}` })),
    )
    expect(result.detail).toBe('[2Jwell')
    expect(result.warning).toMatch(/^\[2J x+\.\.\.$/)
    expect(result.warning).toHaveLength(200)
  })

  it('says how long each part took, and all of it', async () => {
    const clock = new TestClock()
    const result = start(clock, async (run) => {
      await clock.advance(20)
      run.ended('connect')
      await clock.advance(30)
      run.ended('first-byte')
      return passed('well')
    })
    expect(await result).toMatchObject({
      durationMs: 50,
      phases: [
        { name: 'connect', tookMs: 20 },
        { name: 'first-byte', tookMs: 30 },
      ],
    })
  })
})
