import { seededRandom } from '@hotspare/core'
import { recordingLogger, TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHealthMonitor, type HealthMonitor } from './monitor.ts'
import type { HealthMonitorOptions, MonitoredTargetOptions } from './monitor-options.ts'
import type { Probe, ProbeResult } from './probe.ts'
import type { HealthEvent } from './target-health.ts'
import { type MemoryAnswer, memoryProbe } from './testing/index.ts'

interface Bench {
  readonly clock: TestClock
  readonly monitor: HealthMonitor
  readonly events: HealthEvent[]
  /** Events that change a state, as `id>state`. */
  readonly changes: () => string[]
}

/** A monitor on a clock that stands still; every target's first probe is due at once. */
function bench(options: HealthMonitorOptions = {}): Bench {
  const clock = new TestClock()
  const monitor = createHealthMonitor({ clock, random: { next: () => 0 }, ...options })
  const events: HealthEvent[] = []
  monitor.subscribe((event) => events.push(event))
  onTestFinished(() => monitor.stop())
  const changes = () =>
    events.flatMap((event) => (event.type === 'probe-finished' ? [] : [`${targetOf(event)}>${event.type.replace('target-', '')}`]))
  return { clock, monitor, events, changes }
}

/** The id of the target that an event is about; `observer` where it is about none. */
function targetOf(event: HealthEvent): string {
  return 'targetId' in event ? event.targetId : 'observer'
}

/** A probe that follows the script, then its last word for ever; counts its runs and when they started. */
function scripted(
  clock: TestClock,
  script: readonly MemoryAnswer[],
  latencyMs = 1,
): { probe: Probe; startsMs: number[]; most: () => number } {
  const startsMs: number[] = []
  let running = 0
  let most = 0
  const inner = memoryProbe({ clock, latencyMs, answer: () => script[Math.min(startsMs.length, script.length) - 1] ?? 'pass' })
  const probe: Probe = {
    ...inner,
    async run(options) {
      startsMs.push(clock.monotonicMs())
      most = Math.max(most, ++running)
      try {
        return await inner.run(options)
      } finally {
        running--
      }
    },
  }
  return { probe, startsMs, most: () => most }
}

describe('misuse of the monitor', () => {
  it('rejects the same id twice', () => {
    const { monitor } = bench()
    monitor.add({ id: 'a', probe: memoryProbe() })
    expect(() => monitor.add({ id: 'a', probe: memoryProbe() })).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_DUPLICATE' }))
  })

  it.each([{ rise: 0 }, { fall: 0 }, { intervalMs: 0 }, { trafficFailures: -1 }, { rise: 1.5 }, { fail: 3 }])(
    'rejects the rules %o',
    (rules) => {
      const { monitor } = bench()
      expect(() => monitor.add({ id: 'a', probe: memoryProbe(), ...rules })).toThrow(
        expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }),
      )
      expect(monitor.list()).toEqual([])
    },
  )

  it('rejects limits of its own that make no sense', () => {
    expect(() => createHealthMonitor({ historySize: 0 })).toThrow(/historySize/)
    expect(() => createHealthMonitor({ maxConcurrentProbes: 0 })).toThrow(/maxConcurrentProbes/)
  })

  it.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])('rejects a probe with a deadline of %s', (timeoutMs) => {
    // One of NaN made a timer that fired without end.
    const { monitor } = bench()
    expect(() => monitor.add({ id: 'a', probe: { ...memoryProbe(), timeoutMs } })).toThrow(/probe\.timeoutMs/)
    expect(monitor.list()).toEqual([])
  })

  it.each([{ id: '' }, { id: undefined }, { id: 5 }, { group: '' }, { canary: 'yes' }, { probe: { timeoutMs: 5, run: 'now' } }])(
    'rejects a target that is none: %o',
    (wrong) => {
      const { monitor } = bench()
      const options = Object.assign({ id: 'a', probe: memoryProbe() }, wrong)
      expect(() => monitor.add(options as MonitoredTargetOptions)).toThrow(expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }))
      expect(monitor.list()).toEqual([])
    },
  )

  it('ignores ids it does not know', () => {
    const { monitor } = bench()
    monitor.reportTraffic('a', { ok: false, detail: 'connection refused' })
    expect(monitor.remove('a')).toBe(false)
    expect(monitor.get('a')).toBeUndefined()
  })
})

describe('a target that fails', () => {
  it('goes up, down and up again, with each event in order and each reason in words', async () => {
    const { clock, monitor, events } = bench()
    const { probe } = scripted(clock, ['pass', 'refused', 'refused', 'refused', 'pass'])
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(5_500)
    const start = 1_700_000_000_000
    expect(events.filter(({ type }) => type !== 'probe-finished')).toEqual([
      { type: 'target-up', at: start + 1, targetId: 'a', from: 'unknown', because: '1 probe passed: answered' },
      { type: 'target-down', at: start + 3_001, targetId: 'a', from: 'up', because: '3 probes in a row failed: pretended: refused' },
      { type: 'target-up', at: start + 5_001, targetId: 'a', from: 'down', because: '2 probes in a row passed: answered' },
    ])
    expect(events.filter(({ type }) => type === 'probe-finished')).toHaveLength(6)
    expect(events[6]).toMatchObject({ type: 'probe-finished', at: start + 4_001, result: { outcome: 'pass', durationMs: 1 } })
    expect(monitor.get('a')).toMatchObject({
      id: 'a',
      address: 'memory',
      verdict: { state: 'up', since: start + 5_001, because: '2 probes in a row passed: answered' },
      lastResult: { outcome: 'pass' },
      counters: { consecutivePasses: 2, consecutiveFailures: 0, trafficFailures: 0 },
      rules: { intervalMs: 1_000, rise: 2, fall: 3, trafficFailures: 5 },
      detection: { downMs: 3_500, upMs: 2_500 },
    })
  })

  it('counts a probe that throws as failed and goes on', async () => {
    const logger = recordingLogger()
    const { clock, monitor } = bench({ logger })
    const { probe } = scripted(clock, ['throw', 'pass'])
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(500)
    expect(monitor.get('a')?.lastResult).toMatchObject({ outcome: 'fail', reason: 'error', detail: 'a broken probe' })
    expect(logger.records).toContainEqual(expect.objectContaining({ level: 'warn', message: 'a probe threw' }))
    await clock.advance(1_000)
    expect(monitor.get('a')?.verdict.state).toBe('up')
  })

  it('is not blamed for what this machine lacks: the result is kept and told, and does not count', async () => {
    const { clock, monitor, events, changes } = bench()
    const { probe } = scripted(clock, ['pass', 'refused', 'inconclusive', 'refused', 'inconclusive'])
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(60_500)
    expect(changes()).toEqual(['a>up'])
    expect(monitor.get('a')).toMatchObject({ lastResult: { outcome: 'inconclusive' }, counters: { consecutiveFailures: 2 } })
    expect(monitor.get('a')?.history.at(-1)?.result.outcome).toBe('inconclusive')
    expect(events.at(-1)).toMatchObject({ type: 'probe-finished', result: { outcome: 'inconclusive' } })
  })

  it('is not blamed for a probe that throws for want of file descriptors', async () => {
    const { clock, monitor } = bench()
    const run = (): never => {
      throw Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })
    }
    monitor.add({ id: 'a', probe: { type: 'broken', address: 'nowhere', timeoutMs: 100, run } })
    await monitor.start()
    await clock.advance(10_000)
    expect(monitor.get('a')).toMatchObject({
      verdict: { state: 'unknown' },
      lastResult: { outcome: 'inconclusive', detail: 'connect EMFILE' },
    })
  })

  it('counts a probe that throws before it returns a promise as failed', async () => {
    const { clock, monitor } = bench()
    const run = (): never => {
      throw new TypeError('no promise')
    }
    monitor.add({ id: 'a', probe: { type: 'broken', address: 'nowhere', timeoutMs: 100, run } })
    await monitor.start()
    await clock.advance(10)
    expect(monitor.get('a')?.lastResult).toMatchObject({ outcome: 'fail', reason: 'error' })
  })

  it.each([undefined, null, 'pass', {}, { outcome: 'ok', durationMs: 1, detail: 'fine' }, { outcome: 'pass', durationMs: 1 }])(
    'counts a probe that gives %o for a result as failed',
    async (given) => {
      // Any outcome that was none of the known ones passed.
      const { clock, monitor } = bench()
      const run = () => Promise.resolve(given as unknown as ProbeResult)
      monitor.add({ id: 'a', probe: { type: 'broken', address: 'nowhere', timeoutMs: 100, run } })
      await monitor.start()
      await clock.advance(10)
      expect(monitor.get('a')).toMatchObject({ verdict: { state: 'unknown' }, lastResult: { outcome: 'fail', reason: 'error' } })
    },
  )

  it('ends a probe that ignores its own deadline, and goes on', async () => {
    const { clock, monitor } = bench()
    const signals: (AbortSignal | undefined)[] = []
    const run: Probe['run'] = (options) => {
      signals.push(options?.signal)
      return new Promise(() => {})
    }
    monitor.add({ id: 'a', probe: { type: 'stuck', address: 'nowhere', timeoutMs: 300, run }, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(400)
    expect(monitor.get('a')?.lastResult).toMatchObject({ outcome: 'fail', reason: 'timeout', durationMs: 400 })
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(2_600)
    expect(monitor.get('a')?.verdict.state).toBe('down')
  })

  it('does not spread: the others keep their state and their pace', async () => {
    const { clock, monitor, changes } = bench()
    const good = scripted(clock, ['pass'])
    monitor.add({ id: 'bad', probe: scripted(clock, ['silent']).probe, intervalMs: 1_000 })
    monitor.add({ id: 'good', probe: good.probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(5_500)
    expect(changes()).toEqual(['good>up', 'bad>down'])
    expect(good.startsMs).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000])
  })

  it('keeps texts from outside short and on one line', async () => {
    const { clock, monitor } = bench()
    const detail = `first\r\nsecond\u001B[31m ${'x'.repeat(10_000)}`
    const run: Probe['run'] = () => Promise.resolve({ outcome: 'fail', reason: 'error', detail, durationMs: 1 })
    monitor.add({ id: 'a', probe: { type: 'chatty', address: 'nowhere', timeoutMs: 300, run }, fall: 1, trafficFailures: 1 })
    monitor.add({ id: 'b', probe: memoryProbe({ clock }), trafficFailures: 1 })
    await monitor.start()
    await clock.advance(10)
    monitor.reportTraffic('b', { ok: false, detail })
    for (const health of monitor.list()) {
      expect(health.verdict.because).toMatch(/^[\P{Cc}]{1,260}$/u)
      expect(health.verdict.because).toContain('first second')
    }
  })
})

describe('the schedule', () => {
  it('is absolute: slow answers do not shift it', async () => {
    const { clock, monitor } = bench()
    const { probe, startsMs } = scripted(clock, ['pass'], 400)
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(4_500)
    expect(startsMs).toEqual([0, 1_000, 2_000, 3_000, 4_000])
  })

  it('starts the next probe right after one that outlasts the interval, and never two at a time', async () => {
    const { clock, monitor } = bench()
    const { probe, startsMs, most } = scripted(clock, ['silent', 'silent', 'pass'])
    monitor.add({ id: 'a', probe, intervalMs: 200 })
    await monitor.start()
    await clock.advance(1_700)
    expect(startsMs).toEqual([0, 500, 1_000, 1_200, 1_400, 1_600])
    expect(most()).toBe(1)
  })

  it('looks at a target with a long interval within a second of the start, and then at its drawn place', async () => {
    const { clock, monitor } = bench({ random: { next: () => 0.5 } })
    const { probe, startsMs } = scripted(clock, ['pass'])
    monitor.add({ id: 'a', probe, intervalMs: 60_000 })
    await monitor.start()
    await clock.advance(100_000)
    expect(startsMs).toEqual([500, 30_000, 90_000])
  })

  it('runs 500 targets on one timer, spread evenly, each once an interval, and notices each death', async () => {
    const { clock, monitor, changes } = bench({ random: seededRandom(7) })
    const dead = new Set<string>()
    const probes = new Map(
      Array.from({ length: 500 }, (_, index) => {
        const id = `target-${index}`
        const latencyMs = 1 + (index % 50)
        const startsMs: number[] = []
        const inner = memoryProbe({ clock, latencyMs, answer: () => (dead.has(id) ? 'refused' : 'pass') })
        const run: Probe['run'] = (options) => {
          startsMs.push(clock.monotonicMs())
          return inner.run(options)
        }
        return [id, { probe: { ...inner, run }, startsMs }] as const
      }),
    )
    for (const [id, { probe }] of probes) monitor.add({ id, probe, intervalMs: 1_000 })
    expect(clock.pendingTimers).toBe(0)
    await monitor.start()
    expect(clock.pendingTimers).toBe(1)
    expect(monitor.allKnown()).toBe(false)
    await clock.advance(1_100)
    expect(monitor.allKnown()).toBe(true)
    for (let index = 0; index < 500; index += 10) dead.add(`target-${index}`)
    await clock.advance(3_900)
    expect(changes().filter((change) => change.endsWith('>down'))).toHaveLength(50)
    expect(monitor.list().filter(({ verdict }) => verdict.state === 'up')).toHaveLength(450)
    const perTenth = Array.from({ length: 10 }, () => 0)
    for (const { startsMs } of probes.values()) {
      expect(startsMs).toHaveLength(5)
      const gaps = startsMs.slice(1).map((startMs, index) => startMs - startsMs[index]!)
      for (const gap of gaps) expect(gap).toBeCloseTo(1_000, 6)
      perTenth[Math.floor(startsMs[0]! / 100)]! += 1
    }
    for (const count of perTenth) expect(count).toBeGreaterThan(25)
  })

  it('keeps to its number of probes in flight, and starves no target', async () => {
    const { clock, monitor } = bench({ maxConcurrentProbes: 3 })
    let running = 0
    let most = 0
    const runs = new Map<string, number>()
    for (let index = 0; index < 9; index++) {
      const id = `target-${index}`
      const inner = memoryProbe({ clock, answer: () => 'silent', timeoutMs: 500 })
      const run: Probe['run'] = async (options) => {
        most = Math.max(most, ++running)
        runs.set(id, (runs.get(id) ?? 0) + 1)
        return inner.run(options).finally(() => running--)
      }
      monitor.add({ id, probe: { ...inner, run }, intervalMs: 1_000 })
    }
    await monitor.start()
    await clock.advance(6_001)
    expect(most).toBe(3)
    expect([...runs.values()].every((count) => count >= 4)).toBe(true)
    expect(monitor.list().every(({ verdict }) => verdict.state === 'down')).toBe(true)
  })
})

describe('reports of real traffic', () => {
  it('mark a target down at once, before the next probe, and probes bring it back', async () => {
    const { clock, monitor, events, changes } = bench()
    const { probe } = scripted(clock, ['pass'])
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(10)
    for (let request = 0; request < 5; request++) monitor.reportTraffic('a', { ok: false, detail: 'connection refused' })
    expect(events.at(-1)).toMatchObject({ type: 'target-down', from: 'up', because: '5 requests in a row failed: connection refused' })
    await clock.advance(3_000)
    expect(changes()).toEqual(['a>up', 'a>down', 'a>up'])
  })

  it('bring the next probe forward, once an interval, and leave the schedule alone', async () => {
    const { clock, monitor } = bench()
    const { probe, startsMs } = scripted(clock, ['pass'])
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(300)
    monitor.reportTraffic('a', { ok: true })
    await clock.advance(0)
    expect(startsMs).toEqual([0])
    monitor.reportTraffic('a', { ok: false, detail: 'connection reset' })
    await clock.advance(100)
    monitor.reportTraffic('a', { ok: false, detail: 'connection reset' })
    await clock.advance(1_700)
    expect(startsMs).toEqual([0, 300, 1_000, 2_000])
    monitor.reportTraffic('a', { ok: false, detail: 'connection reset' })
    await clock.advance(0)
    expect(startsMs).toEqual([0, 300, 1_000, 2_000, 2_100])
  })

  it('start nothing while the monitor is stopped, or where traffic is switched off', async () => {
    const { clock, monitor } = bench()
    const { probe, startsMs } = scripted(clock, ['pass'])
    monitor.add({ id: 'a', probe, trafficFailures: 0 })
    monitor.add({ id: 'b', probe })
    monitor.reportTraffic('b', { ok: false, detail: 'connection reset' })
    expect(clock.pendingTimers).toBe(0)
    await monitor.start()
    await clock.advance(10)
    monitor.remove('b')
    monitor.reportTraffic('a', { ok: false, detail: 'connection reset' })
    await clock.advance(500)
    expect(startsMs).toEqual([0, 0])
  })
})

describe('the life of the monitor', () => {
  it('starts and stops as often as it is told to, and leaves no timer', async () => {
    const { clock, monitor } = bench()
    await monitor.stop()
    monitor.add({ id: 'a', probe: memoryProbe({ clock, answer: () => 'silent' }) })
    await Promise.all([monitor.start(), monitor.start()])
    await clock.advance(100)
    expect(clock.pendingTimers).toBeGreaterThan(0)
    await Promise.all([monitor.stop(), monitor.stop()])
    expect(clock.pendingTimers).toBe(0)
    await clock.advance(10_000)
    expect(monitor.get('a')).toMatchObject({ verdict: { state: 'unknown' }, history: [] })
  })

  it('does not start for a signal that has aborted', async () => {
    const { clock, monitor } = bench()
    monitor.add({ id: 'a', probe: memoryProbe({ clock }) })
    await expect(monitor.start({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late')
    expect(clock.pendingTimers).toBe(0)
  })

  it('goes on with the states it had when it is started again, even before the old probes have let go', async () => {
    const { clock, monitor, changes } = bench()
    const { probe, startsMs, most } = scripted(clock, ['pass'], 200)
    monitor.add({ id: 'a', probe, intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(1_100)
    const stopped = monitor.stop()
    await monitor.start()
    await stopped
    await clock.advance(1_000)
    expect(changes()).toEqual(['a>up'])
    expect(startsMs).toEqual([0, 1_000, 1_100, 2_100])
    expect(most()).toBe(1)
  })

  it('stops at the end of an `await using` block', async () => {
    const clock = new TestClock()
    {
      await using monitor = createHealthMonitor({ clock })
      monitor.add({ id: 'a', probe: memoryProbe({ clock }) })
      await monitor.start()
      expect(clock.pendingTimers).toBe(1)
    }
    expect(clock.pendingTimers).toBe(0)
  })

  it('takes targets on and off while it runs; a removed one is aborted and heard of no more', async () => {
    const { clock, monitor, events } = bench()
    await monitor.start()
    monitor.add({ id: 'a', probe: memoryProbe({ clock, latencyMs: 100 }) })
    monitor.add({ id: 'b', probe: memoryProbe({ clock, latencyMs: 100 }) })
    await clock.advance(50)
    expect(monitor.remove('a')).toBe(true)
    await clock.advance(2_000)
    expect(new Set(events.map(targetOf))).toEqual(new Set(['b']))
    expect(monitor.list().map(({ id }) => id)).toEqual(['b'])
  })

  it('survives listeners that throw, remove their target, or stop it', async () => {
    const { clock, monitor, events } = bench()
    monitor.subscribe(() => {
      throw new Error('a bad listener')
    })
    monitor.subscribe((event) => {
      if (targetOf(event) === 'a') monitor.remove('a')
      if (targetOf(event) === 'b' && event.type === 'target-up') void monitor.stop()
    })
    monitor.add({ id: 'a', probe: memoryProbe({ clock }) })
    monitor.add({ id: 'b', probe: memoryProbe({ clock }) })
    await monitor.start()
    await clock.advance(5_000)
    expect(events.map((event) => `${targetOf(event)} ${event.type}`)).toEqual(['a probe-finished', 'b probe-finished', 'b target-up'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('tells nothing more of a target that a listener removes, be it on news of the observer', async () => {
    const { clock, monitor, events } = bench()
    const run: Probe['run'] = () => {
      clock.stepWall(60_000)
      return Promise.resolve({ outcome: 'pass', durationMs: 1, detail: 'answered' })
    }
    monitor.add({ id: 'a', probe: { type: 'slow', address: 'nowhere', timeoutMs: 300, run } })
    monitor.subscribe(({ type }) => {
      if (type === 'observer-unwell') monitor.remove('a')
    })
    await monitor.start()
    await clock.advance(10)
    expect(events.map(({ type }) => type)).toEqual(['observer-unwell'])
    expect(clock.pendingTimers).toBe(0)
  })

  it('outlives thousands of targets that come and go while it runs, and leaves nothing of them', async () => {
    const { clock, monitor } = bench({ random: seededRandom(3), maxConcurrentProbes: 50 })
    const random = seededRandom(4)
    let inFlight = 0
    await monitor.start()
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 100; index++) {
        const inner = memoryProbe({ clock, latencyMs: random.next() * 400, timeoutMs: 300 })
        const run: Probe['run'] = (options) => {
          inFlight++
          return inner.run(options).finally(() => inFlight--)
        }
        monitor.add({ id: `target-${round}-${index}`, probe: { ...inner, run }, intervalMs: 100 + index })
      }
      await clock.advance(random.next() * 100)
      for (const { id } of monitor.list()) if (random.next() < 0.7) monitor.remove(id)
    }
    for (const { id } of monitor.list()) monitor.remove(id)
    await clock.advance(1)
    expect([inFlight, clock.pendingTimers, monitor.list().length]).toEqual([0, 0, 0])
    monitor.add({ id: 'last', probe: memoryProbe({ clock }) })
    await clock.advance(1_010)
    expect(monitor.get('last')?.verdict.state).toBe('up')
  })

  it('keeps a bounded history, oldest first, and hands out snapshots', async () => {
    const { clock, monitor } = bench({ historySize: 3 })
    monitor.add({ id: 'a', probe: memoryProbe({ clock }), intervalMs: 1_000 })
    await monitor.start()
    await clock.advance(1_500)
    const before = monitor.get('a')
    await clock.advance(8_000)
    expect(before?.history).toHaveLength(2)
    const ages = monitor.get('a')?.history.map(({ at }) => at - 1_700_000_000_000)
    expect(ages).toEqual([7_001, 8_001, 9_001])
  })
})
