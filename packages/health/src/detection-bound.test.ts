import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { detectionBoundMs } from './detection-bound.ts'
import { createHealthMonitor } from './monitor.ts'
import { memoryProbe } from './testing/index.ts'

describe('detectionBoundMs', () => {
  it.each([
    { intervalMs: 1_000, timeoutMs: 500, fall: 3, boundMs: 3_500 },
    { intervalMs: 1_000, timeoutMs: 500, fall: 1, boundMs: 1_500 },
    { intervalMs: 200, timeoutMs: 200, fall: 2, boundMs: 600 },
    { intervalMs: 100, timeoutMs: 400, fall: 3, boundMs: 1_300 },
  ])('is $boundMs ms for interval $intervalMs, timeout $timeoutMs and fall $fall', ({ boundMs, ...times }) => {
    expect(detectionBoundMs(times)).toBe(boundMs)
  })
})

interface Outage {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly fall: number
  readonly latencyMs: number
  readonly diesMs: number
  readonly seed: number
}

/** Lets a target die in silence and @returns how long the monitor takes to say `down`, in milliseconds. */
async function detectionMs({ intervalMs, timeoutMs, fall, latencyMs, diesMs, seed }: Outage): Promise<number> {
  const clock = new TestClock(0)
  const answer = () => (clock.monotonicMs() < diesMs ? 'pass' : 'silent')
  const monitor = createHealthMonitor({ clock, random: seededRandom(seed) })
  let downMs = Number.NaN
  monitor.subscribe((event) => {
    if (event.type === 'target-down') downMs = clock.monotonicMs()
  })
  monitor.add({ id: 'a', probe: memoryProbe({ clock, answer, latencyMs, timeoutMs }), intervalMs, fall })
  await monitor.start()
  await clock.advance(diesMs + detectionBoundMs({ intervalMs, timeoutMs, fall }) + intervalMs)
  await monitor.stop()
  return downMs - diesMs
}

describe('a simulated outage at a random moment', () => {
  const shapes = [
    { intervalMs: 1_000, timeoutMs: 500, fall: 3, latencyMs: 3 },
    { intervalMs: 200, timeoutMs: 200, fall: 2, latencyMs: 40 },
    { intervalMs: 100, timeoutMs: 350, fall: 3, latencyMs: 1 },
    { intervalMs: 1_000, timeoutMs: 250, fall: 1, latencyMs: 200 },
  ]

  it.each(shapes)('is noticed within the bound, and not much before it at worst (%o)', async (shape) => {
    const random = seededRandom(20_251)
    const boundMs = detectionBoundMs(shape)
    let worstMs = 0
    for (let run = 0; run < 150; run++) {
      const outage = { ...shape, diesMs: 2_000 + random.next() * 3_000, seed: run }
      const tookMs = await detectionMs(outage)
      expect(tookMs, `seed ${run}, death at ${outage.diesMs} ms`).toBeLessThanOrEqual(boundMs + 1e-6)
      worstMs = Math.max(worstMs, tookMs)
    }
    expect(worstMs).toBeGreaterThan(boundMs - shape.intervalMs * 0.1)
  })
})
