import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { type HealthSource, readHealth } from './health-source.ts'

function read(source: HealthSource, clock = new TestClock()) {
  return readHealth(source, { timeoutMs: 5_000, clock, signal: new AbortController().signal })
}

describe('readHealth', () => {
  it('hears nothing from a source that throws, at once or later', async () => {
    const fails: HealthSource = () => {
      throw new Error('the balancer\nis gone')
    }
    expect(await read(fails)).toEqual({ ok: false, because: 'the balancer is gone' })
    expect(await read(async () => Promise.reject(new Error('later')))).toEqual({ ok: false, because: 'later' })
  })

  it('hears nothing from a source that hangs, and asks it to stop', async () => {
    const clock = new TestClock()
    let asked: AbortSignal | undefined
    const hangs: HealthSource = ({ signal }) => {
      asked = signal
      return new Promise(() => {})
    }
    const reading = read(hangs, clock)
    await clock.advance(5_000)
    expect(await reading).toEqual({ ok: false, because: 'health source: no answer within 5000 ms' })
    expect(asked?.aborted).toBe(true)
    expect(clock.pendingTimers).toBe(0)
  })

  it('hears nothing where there is no answer', async () => {
    expect(await read((() => undefined) as unknown as HealthSource)).toEqual({ ok: false, because: 'the health source said nothing' })
  })

  it('takes a word that it does not know for unknown', async () => {
    const source = (() => ({ a: 'up', b: 'OK', c: 1 })) as unknown as HealthSource
    const reading = await read(source)
    expect(reading.ok && Object.fromEntries(reading.states)).toEqual({ a: 'up', b: 'unknown', c: 'unknown' })
  })
})
