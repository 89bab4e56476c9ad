import { describe, expect, it } from 'vitest'
import { BeatTimer, LATENESS_BOUNDS_MS } from './beat-timings.ts'
import { VirtualSite } from './virtual-site.fixture.ts'

describe('BeatTimer', () => {
  it('counts a beat as later than every bound below its lateness, and none that is early or on time', () => {
    const timer = new BeatTimer(100)
    for (const gapMs of [20, 100, 101, 102.5, 150]) timer.add(gapMs, 0)
    const { later, received, worstMs } = timer.snapshot()
    expect([received, worstMs]).toEqual([5, 50])
    const laterThan = Object.fromEntries(LATENESS_BOUNDS_MS.map((bound, index) => [bound, later[index]]))
    expect(laterThan).toMatchObject({ 1: 2, 1.5: 2, 2: 2, 3: 1, 30: 1, 50: 0, 70: 0 })
  })

  it('takes the intervals of lost beats for no lateness, and counts rows', () => {
    const timer = new BeatTimer(100)
    timer.add(400, 3)
    timer.add(200, 1)
    timer.add(230, 1)
    expect(timer.snapshot()).toMatchObject({ received: 3, lost: 5, lostRows: 3, worstMs: 30 })
  })
})

describe('the timings of a path', () => {
  async function pair() {
    const site = new VirtualSite({ seed: 7 })
    const a = await site.start('a')
    const b = await site.start('b')
    await site.run(5_000)
    return { site, a, b, timings: () => a.heartbeat.snapshot().peers[0]!.paths[0]!.timings }
  }

  it('have what was lost, and how late beats were', async () => {
    const { site, timings } = await pair()
    site.networks[0]!.setConditions({ lossRatio: 0.2, delayMs: [1, 40] })
    await site.run(300_000)
    const { lost, lostRows, received, later, worstMs } = timings()
    expect(lost / (lost + received)).toBeCloseTo(0.2, 1)
    expect(lostRows / lost).toBeCloseTo(0.8, 1)
    expect(worstMs).toBeGreaterThan(20)
    expect(worstMs).toBeLessThan(60)
    expect(later[LATENESS_BOUNDS_MS.indexOf(10)]).toBeGreaterThan(100)
  })

  it('have a stall of the peer, and none of this node', async () => {
    const { site, a, b, timings } = await pair()
    a.machine.pause()
    await site.run(700)
    a.machine.resume()
    await site.run(2_000)
    expect(timings().worstMs).toBeLessThan(50)
    b.machine.pause()
    await site.run(700)
    b.machine.resume()
    await site.run(2_000)
    expect(timings().worstMs).toBeGreaterThan(500)
    expect(timings().worstMs).toBeLessThan(800)
  })

  it('have nothing of an outage: what was lost in it was no bad luck', async () => {
    const { site, timings } = await pair()
    const before = timings()
    site.networks[0]!.setConditions({ lossRatio: 1 })
    await site.run(30_000)
    site.networks[0]!.setConditions({ lossRatio: 0 })
    await site.run(5_000)
    expect(timings().lost - before.lost).toBeLessThan(5)
    expect(timings().worstMs).toBeLessThan(200)
    expect(timings().received).toBeGreaterThan(before.received)
  })
})
