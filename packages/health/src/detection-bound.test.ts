import { type Random, seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import { detectionBound, detectionBoundMs } from './detection-bound.ts'
import { createHealthMonitor } from './monitor.ts'
import type { Probe, ProbeResult } from './probe.ts'

describe('detectionBound', () => {
  const usual = { intervalMs: 1_000, timeoutMs: 500, rise: 2, fall: 3 }
  it.each([
    { rules: usual, downMs: 3_500, upMs: 2_500 },
    { rules: { ...usual, fall: 1, rise: 1 }, downMs: 1_500, upMs: 1_500 },
    { rules: { ...usual, intervalMs: 200, timeoutMs: 200, fall: 2 }, downMs: 600, upMs: 600 },
    { rules: { ...usual, intervalMs: 100, timeoutMs: 400 }, downMs: 1_300, upMs: 1_200 },
    { rules: { ...usual, fastIntervalMs: 200 }, downMs: 2_500, upMs: 2_000 },
    { rules: { ...usual, fastIntervalMs: 600 }, downMs: 2_700, upMs: 2_100 },
    { rules: { ...usual, fastIntervalMs: 600, downIntervalMs: 5_000 }, downMs: 2_700, upMs: 6_100 },
    { rules: { ...usual, downIntervalMs: 100 }, downMs: 3_500, upMs: 2_000 },
  ])('of $rules is down $downMs, up $upMs', ({ rules, downMs, upMs }) => {
    expect(detectionBound(rules)).toEqual({ downMs, upMs })
    expect(detectionBoundMs(rules)).toBe(downMs)
  })
})

interface Shape {
  readonly intervalMs: number
  readonly fastIntervalMs?: number
  readonly downIntervalMs?: number
  readonly timeoutMs: number
  readonly rise: number
  readonly fall: number
}

const LATENCY_MS = 0.01

/**
 * A target that can die in silence and return; a probe that is under way then, or begins while it is dead, hangs to its
 * deadline. As it returns it takes nearly all the time that a probe has, and then next to none.
 */
function mortal(clock: TestClock, { timeoutMs, rise }: Shape): { readonly probe: Probe; alive: boolean; slowAnswers: number } {
  const target = {
    alive: true,
    slowAnswers: 0,
    probe: {
      type: 'mortal',
      address: 'nowhere',
      timeoutMs,
      run: () =>
        new Promise<ProbeResult>((resolve) => {
          const hang = (leftMs: number) =>
            clock.schedule(leftMs, () => resolve({ outcome: 'fail', reason: 'timeout', durationMs: timeoutMs, detail: 'silence' }))
          if (!target.alive) {
            target.slowAnswers = rise
            return void hang(timeoutMs)
          }
          const latencyMs = target.slowAnswers-- > 0 ? timeoutMs - LATENCY_MS : LATENCY_MS
          clock.schedule(latencyMs, () => {
            if (target.alive) resolve({ outcome: 'pass', durationMs: latencyMs, detail: 'answered' })
            else hang(timeoutMs - latencyMs)
          })
        }),
    },
  }
  return target
}

/** Lets many targets die and return at random moments, again and again. @returns the longest times to notice it */
async function worstOf(shape: Shape, outages: number, random: Random): Promise<{ downMs: number; upMs: number; count: number }> {
  const clock = new TestClock(0)
  const { timeoutMs, ...monitored } = shape
  const bound = detectionBound(shape)
  // Here the targets die on purpose, many at once: that is no fault of the observer.
  const monitor = createHealthMonitor({ clock, random, observer: false, historySize: 1 })
  const worst = { downMs: 0, upMs: 0, count: 0 }
  const lives = new Map<string, { target: ReturnType<typeof mortal>; changedMs: number }>()
  const later = (life: { target: ReturnType<typeof mortal>; changedMs: number }) => {
    const settledMs = bound.downMs + bound.upMs + random.next() * 2 * Math.max(shape.intervalMs, shape.downIntervalMs ?? 0)
    clock.schedule(settledMs, () => {
      life.target.alive = !life.target.alive
      life.changedMs = clock.monotonicMs()
    })
  }
  monitor.subscribe((event) => {
    if (event.type !== 'target-down' && event.type !== 'target-up') return
    const life = lives.get(event.targetId)!
    const tookMs = clock.monotonicMs() - life.changedMs
    if (event.type === 'target-down') worst.downMs = Math.max(worst.downMs, tookMs)
    else if (event.from === 'down') worst.upMs = Math.max(worst.upMs, tookMs)
    expect(life.target.alive).toBe(event.type === 'target-up')
    if (event.type === 'target-down') worst.count++
    if (worst.count < outages) later(life)
  })
  for (let index = 0; index < 20; index++) {
    const target = mortal(clock, shape)
    lives.set(`target-${index}`, { target, changedMs: 0 })
    monitor.add({ id: `target-${index}`, probe: target.probe, trafficFailures: 0, ...monitored })
  }
  await monitor.start()
  while (worst.count < outages) await clock.advance(bound.downMs + bound.upMs)
  const stopped = monitor.stop()
  await clock.advance(timeoutMs)
  await stopped
  return worst
}

describe('10,000 outages at random moments', () => {
  const shapes: readonly Shape[] = [
    { intervalMs: 1_000, timeoutMs: 500, rise: 2, fall: 3 },
    { intervalMs: 1_000, fastIntervalMs: 200, downIntervalMs: 3_000, timeoutMs: 150, rise: 3, fall: 3 },
    { intervalMs: 200, timeoutMs: 350, rise: 2, fall: 2 },
    { intervalMs: 2_000, fastIntervalMs: 100, timeoutMs: 300, rise: 1, fall: 2 },
    { intervalMs: 1_000, downIntervalMs: 100, timeoutMs: 400, rise: 4, fall: 1 },
  ]

  it.each(shapes)('are noticed within the bound, and the worst comes within 5 % of it (%o)', async (shape) => {
    const bound = detectionBound(shape)
    const worst = await worstOf(shape, 2_000, seededRandom(20_251))
    expect(worst.downMs).toBeLessThanOrEqual(bound.downMs + 1e-6)
    expect(worst.downMs).toBeGreaterThan(bound.downMs * 0.95)
    expect(worst.upMs).toBeLessThanOrEqual(bound.upMs + 1e-6)
    expect(worst.upMs).toBeGreaterThan(bound.upMs * 0.95)
  })
})
