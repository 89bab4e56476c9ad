import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { httpPaced } from '../load.ts'
import { Pacer } from './pacer.ts'

const load = { ...httpPaced, targets: 4, intervalMs: 400 }

describe('Pacer', () => {
  it('counts what was due while too much was in flight as failed', async () => {
    const clock = new TestClock()
    const pacer = new Pacer({ load, look: () => new Promise(() => {}), mostInFlight: 2, clock })
    pacer.begin()
    await clock.advance(350)
    pacer.pause()
    expect(pacer.counts()).toEqual({ failed: 2 })
  })

  it('counts failed looks, and forgets them when it was asked', async () => {
    const clock = new TestClock()
    const pacer = new Pacer({ load, look: () => Promise.resolve(false), mostInFlight: 2, clock })
    pacer.begin()
    await clock.advance(150)
    pacer.pause()
    expect(pacer.counts()).toEqual({ failed: 2 })
    expect(pacer.counts()).toEqual({ failed: 0 })
  })

  it('looks at each target once an interval, evenly spread, until it pauses', async () => {
    const clock = new TestClock()
    const looks: [number, number][] = []
    const startMs = clock.monotonicMs()
    const look = (index: number) => {
      looks.push([index, clock.monotonicMs() - startMs])
      return Promise.resolve(true)
    }
    const pacer = new Pacer({ load, look, mostInFlight: 2, clock })
    pacer.begin()
    await clock.advance(450)
    pacer.pause()
    await clock.advance(1_000)
    expect(looks).toEqual([
      [1, 0],
      [2, 100],
      [3, 200],
      [0, 300],
      [1, 400],
    ])
  })

  it('always has so many in flight under a busy load', async () => {
    let inFlight = 0
    const look = () => {
      inFlight += 1
      return new Promise<boolean>(() => {})
    }
    const pacer = new Pacer({ load: { ...load, isBusy: true }, look, mostInFlight: 3, clock: new TestClock() })
    pacer.begin()
    await Promise.resolve()
    pacer.pause()
    expect(inFlight).toBe(3)
  })
})
