import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explain } from './explain.ts'
import { explainData } from './explain-data.ts'
import { createHealthMonitor, type HealthMonitor } from './monitor.ts'
import type { Probe, ProbeResult } from './probe.ts'
import type { HealthRulesOptions } from './rules.ts'
import type { HealthEvent } from './target-health.ts'

interface Bench {
  readonly clock: TestClock
  readonly monitor: HealthMonitor
  readonly startsMs: number[]
  /** All but the single results. */
  readonly told: HealthEvent[]
}

const pass = (more: Partial<ProbeResult> = {}) => ({ outcome: 'pass', durationMs: 1, detail: 'answered', ...more }) as ProbeResult
const fail = (more: object = {}): ProbeResult => ({ outcome: 'fail', reason: 'status', durationMs: 1, detail: '500', ...more })
const degraded = pass({ outcome: 'degraded', detail: 'loading' })

/** One target, `a`, whose probe gives these results, then the last of them for ever. */
async function bench(script: readonly ProbeResult[], rules: HealthRulesOptions = {}): Promise<Bench> {
  const clock = new TestClock(0)
  const monitor = createHealthMonitor({ clock, random: { next: () => 0 } })
  const startsMs: number[] = []
  const told: HealthEvent[] = []
  monitor.subscribe((event) => {
    if (event.type !== 'probe-finished') told.push(event)
  })
  const run: Probe['run'] = () => {
    startsMs.push(clock.monotonicMs())
    return Promise.resolve(script[Math.min(startsMs.length, script.length) - 1]!)
  }
  monitor.add({ id: 'a', probe: { type: 'scripted', address: 'nowhere', timeoutMs: 500, run }, ...rules })
  onTestFinished(() => monitor.stop())
  await monitor.start()
  return { clock, monitor, startsMs, told }
}

const types = ({ told }: Bench) => told.map(({ type }) => type)

describe('misuse', () => {
  it.each([{ fastIntervalMs: 2_000 }, { downIntervalMs: 0 }, { initialState: 'degraded' }, { damping: { half: 1 } }])(
    'refuses the rules %o',
    (rules) => {
      const monitor = createHealthMonitor()
      const probe: Probe = { type: 'none', address: '', timeoutMs: 1, run: () => Promise.resolve(pass()) }
      expect(() => monitor.add({ id: 'a', probe, ...(rules as object) })).toThrow(
        expect.objectContaining({ code: 'HOTSPARE_HEALTH_OPTIONS' }),
      )
    },
  )

  it('ignores what people want of a target that is not there', async () => {
    const { monitor } = await bench([pass()])
    expect(monitor.setAdmin('b', 'draining')).toBe(false)
  })
})

describe('the interval', () => {
  const rules = { intervalMs: 1_000, fastIntervalMs: 200, downIntervalMs: 3_000 }

  it('is the one of the state, from start to start, and drifts in none', async () => {
    const { clock, startsMs } = await bench([pass(), pass(), fail(), fail(), fail(), fail(), pass(), pass()], rules)
    await clock.advance(12_500)
    expect(startsMs).toEqual([0, 1_000, 2_000, 2_200, 2_400, 5_400, 8_400, 8_600, 9_600, 10_600, 11_600])
  })

  it('is the fast one until a new target is proven', async () => {
    const { clock, startsMs } = await bench([fail(), fail(), pass()], rules)
    await clock.advance(2_000)
    expect(startsMs).toEqual([0, 200, 400, 1_400])
  })

  it('of a target that traffic has marked down may bring the next look forward, and never puts it off', async () => {
    const slow = await bench([pass()], { intervalMs: 60_000, downIntervalMs: 1_000, trafficFailures: 1 })
    await slow.clock.advance(100)
    slow.monitor.reportTraffic('a', { ok: false, detail: 'refused' })
    await slow.clock.advance(5_000)
    expect(slow.startsMs.slice(0, 3)).toEqual([0, 1_000, 61_000].slice(0, slow.startsMs.length))
    expect(slow.startsMs.length).toBeGreaterThanOrEqual(2)
    const fast = await bench([pass()], { intervalMs: 1_000, downIntervalMs: 60_000, trafficFailures: 1 })
    await fast.clock.advance(100)
    fast.monitor.reportTraffic('a', { ok: false, detail: 'refused' })
    await fast.clock.advance(1_500)
    expect(fast.startsMs).toEqual([0, 1_000])
  })
})

describe('a degraded target', () => {
  it('is told of, at once and when it is well again', async () => {
    const made = await bench([pass(), degraded, pass(), pass()])
    await made.clock.advance(4_500)
    expect(made.told).toEqual([
      { type: 'target-up', at: 0, targetId: 'a', from: 'unknown', because: '1 probe passed: answered' },
      { type: 'target-degraded', at: 1_000, targetId: 'a', from: 'up', because: '1 probe passed, though not as it should: loading' },
      { type: 'target-up', at: 3_000, targetId: 'a', from: 'degraded', because: '2 probes in a row passed in full: answered' },
    ])
  })

  it('says what would make it well', async () => {
    const { clock, monitor } = await bench([degraded, degraded, pass()])
    await clock.advance(2_500)
    expect(explain(monitor.get('a')!)).toContain('1 more fully passed probe would bring it up')
  })
})

it('a failure that the target states itself marks it down at once', async () => {
  const made = await bench([pass(), fail({ immediate: true, detail: 'down#deploy' })])
  await made.clock.advance(1_500)
  expect(made.told.at(-1)).toMatchObject({ type: 'target-down', because: 'it says so itself: down#deploy' })
})

it('a target starts as it is said to, and says why', async () => {
  const up = await bench([fail()], { initialState: 'up' })
  expect(up.monitor.get('a')?.verdict).toMatchObject({ state: 'up', because: expect.stringContaining('taken to be up at the start') })
  await up.clock.advance(2_500)
  expect(types(up)).toEqual(['target-down'])
  const down = await bench([pass()], { initialState: 'down' })
  await down.clock.advance(1_500)
  expect(down.told).toMatchObject([{ type: 'target-up', from: 'down' }])
})

describe('a warning', () => {
  it('is told of when it comes, changes and goes, and stays where a probe could not see', async () => {
    const script = [pass(), pass({ warning: '12 days' }), pass({ warning: '12 days' }), fail(), pass({ warning: '11 days' }), pass()]
    const made = await bench(script)
    await made.clock.advance(3_500)
    expect(made.monitor.get('a')?.warning).toBe('12 days')
    expect(explain(made.monitor.get('a')!)).toContain('warning: 12 days')
    await made.clock.advance(3_000)
    expect(made.told.filter(({ type }) => type === 'target-warning')).toMatchObject([
      { at: 1_000, warning: '12 days', before: undefined },
      { at: 4_000, warning: '11 days', before: '12 days' },
      { at: 5_000, warning: undefined, before: '11 days' },
    ])
    expect(made.monitor.get('a')?.verdict.state).toBe('up')
  })
})

it('a target that a listener removes in the middle of a result is told of no more', async () => {
  const made = await bench([pass({ warning: '12 days', advice: { weight: 0.5, admin: 'draining' } })])
  made.monitor.subscribe(({ type }) => {
    if (type === 'target-warning') made.monitor.remove('a')
  })
  await made.clock.advance(5_000)
  expect(types(made)).toEqual(['target-up', 'target-warning'])
})

describe('what people want of a target', () => {
  it('is told in one line, whatever they write', async () => {
    const made = await bench([pass()])
    made.monitor.setAdmin('a', 'draining', `a new\ndisk${'!'.repeat(10_000)}`)
    expect(made.monitor.get('a')?.admin?.because).toMatch(/^a new disk!{1,200}\.\.\.$/)
  })

  it('holds from the next result on, where a listener sets it on news of one', async () => {
    const made = await bench([pass(), fail({ immediate: true })])
    made.monitor.subscribe((event) => {
      if (event.type === 'probe-finished' && event.result.outcome === 'fail') made.monitor.setAdmin('a', 'maintenance')
    })
    await made.clock.advance(5_000)
    expect(types(made)).toEqual(['target-up', 'target-admin'])
    expect(made.startsMs).toEqual([0, 1_000])
  })

  it('ends a doubt with the look that it ended: what fails in doubt afterwards is doubted as long as ever', async () => {
    const made = await bench([pass()])
    const run: Probe['run'] = () => {
      made.clock.stepWall(60_000)
      return Promise.resolve(fail({ reason: 'timeout' }))
    }
    made.monitor.add({ id: 'b', probe: { type: 'slow', address: '', timeoutMs: 500, run }, fall: 1 })
    await made.clock.advance(500)
    made.monitor.setAdmin('b', 'maintenance')
    await made.clock.advance(60_000)
    made.monitor.setAdmin('b', undefined)
    await made.clock.advance(500)
    expect(made.monitor.get('b')).toMatchObject({ verdict: { state: 'unknown' }, lastResult: { outcome: 'inconclusive' } })
  })

  it('stands apart from its health: a draining one is looked at on', async () => {
    const made = await bench([pass(), fail()])
    await made.clock.advance(500)
    expect(made.monitor.setAdmin('a', 'draining', 'a new disk')).toBe(true)
    await made.clock.advance(3_000)
    expect(made.monitor.get('a')).toMatchObject({
      verdict: { state: 'down' },
      admin: { state: 'draining', since: 500, because: 'a new disk', by: 'people' },
    })
    made.monitor.setAdmin('a', undefined)
    expect(made.monitor.get('a')?.admin).toBeUndefined()
    expect(types(made)).toEqual(['target-up', 'target-admin', 'target-down', 'target-admin'])
  })

  it('may be maintenance: then nobody looks, traffic does not count, and afterwards it is looked at anew', async () => {
    const made = await bench([pass(), fail(), fail(), pass()], { trafficFailures: 1 })
    await made.clock.advance(1_500)
    made.monitor.setAdmin('a', 'maintenance')
    await made.clock.advance(60_000)
    made.monitor.reportTraffic('a', { ok: false, detail: 'refused' })
    expect(made.startsMs).toEqual([0, 1_000])
    expect(made.clock.pendingTimers).toBe(0)
    expect(made.monitor.allKnown()).toBe(true)
    expect(explain(made.monitor.get('a')!)).toContain('nobody looks at it meanwhile')
    made.monitor.setAdmin('a', undefined)
    expect(made.monitor.get('a')).toMatchObject({
      verdict: { state: 'unknown', because: expect.stringContaining('it was in maintenance') },
      counters: { consecutiveFailures: 0 },
    })
    await made.clock.advance(1_500)
    expect(types(made)).toEqual(['target-up', 'target-admin', 'target-admin', 'target-unknown', 'target-up'])
  })

  it('ends a probe that is under way when maintenance begins, uncounted', async () => {
    const made = await bench([pass()])
    const signals: AbortSignal[] = []
    const run: Probe['run'] = ({ signal } = {}) =>
      new Promise((_, reject) => {
        signals.push(signal!)
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
    made.monitor.add({ id: 'b', probe: { type: 'slow', address: '', timeoutMs: 500, run } })
    await made.clock.advance(100)
    made.monitor.setAdmin('b', 'maintenance')
    await made.clock.advance(5_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(made.monitor.get('b')?.history).toEqual([])
  })

  it('stands above what the target asks for itself, `ready` included', async () => {
    const made = await bench([
      pass({ advice: { admin: 'maintenance', weight: 0.5 }, detail: 'maint' }),
      pass(),
      pass({ advice: { admin: 'ready', weight: 1 } }),
    ])
    await made.clock.advance(500)
    expect(made.monitor.get('a')).toMatchObject({
      weight: 0.5,
      admin: { state: 'maintenance', by: 'target', because: 'it asks for it itself: maint' },
    })
    made.monitor.setAdmin('a', 'ready', 'we know better')
    expect(made.monitor.get('a')?.admin).toBeUndefined()
    made.monitor.setAdmin('a', undefined)
    await made.clock.advance(1_000)
    expect(made.startsMs).toEqual([0, 1_000])
    expect(made.monitor.get('a')?.admin?.by).toBe('target')
    await made.clock.advance(1_000)
    expect(made.monitor.get('a')).toMatchObject({ weight: 1, admin: undefined })
    expect(types(made)).toEqual([
      'target-up',
      'target-weight',
      'target-admin',
      'target-admin',
      'target-admin',
      'target-weight',
      'target-admin',
    ])
  })

  it.each([
    [Number.NaN, 1],
    [-3, 0],
    [1e9, 256],
  ])('takes a weight of %s as %s', async (weight, expected) => {
    const made = await bench([pass({ advice: { weight } })])
    await made.clock.advance(100)
    expect(made.monitor.get('a')?.weight).toBe(expected)
  })
})

describe('damping', () => {
  /** Three deaths, each as short as the rules allow, and then nothing but passes. */
  const restless = [...Array.from({ length: 3 }, () => [pass(), pass(), fail(), fail(), fail()]).flat(), pass()]

  it('holds the way back of a target that keeps dying, says so, and lets it go', async () => {
    const made = await bench(restless, { damping: {} })
    await made.clock.advance(30_000)
    expect(made.monitor.get('a')).toMatchObject({ verdict: { state: 'down' }, flaps: { isHeld: true } })
    const text = explain(made.monitor.get('a')!).at(-1)
    expect(text).toMatch(
      /^it flaps, so its way back is held, for at most 5m after its last failure: its flap score is \d+ %, and its penalty \d\.\d$/,
    )
    expect(explainData(made.monitor.get('a')!)).toMatchObject({
      heldAtMostMs: 300_000,
      changes: [{ to: 'up', what: 'passed-probe', count: 1 }],
    })
    await made.clock.advance(90_000)
    expect(made.monitor.get('a')).toMatchObject({ verdict: { state: 'up' }, flaps: { isHeld: false } })
    expect(types(made).slice(-4)).toEqual(['target-down', 'target-flapping', 'target-settled', 'target-up'])
  })

  it('leaves the way out as it is: each death is told within the same time as without it', async () => {
    const deaths = async (rules: HealthRulesOptions) => {
      const made = await bench([...restless.slice(0, 15), ...Array.from({ length: 200 }, () => pass()), fail()], rules)
      await made.clock.advance(230_000)
      return made.told.flatMap(({ type, at }) => (type === 'target-down' ? [at] : []))
    }
    expect(await deaths({ damping: {} })).toEqual(await deaths({}))
  })

  it('is off unless it is asked for', async () => {
    const made = await bench(restless)
    await made.clock.advance(20_000)
    expect(made.monitor.get('a')).toMatchObject({ verdict: { state: 'up' }, flaps: undefined })
  })
})

it('the explanation as data says what the words say', async () => {
  const { clock, monitor } = await bench([pass({ phases: [{ name: 'connect', tookMs: 0.6 }] }), fail()])
  await clock.advance(1_500)
  expect(explainData(monitor.get('a')!)).toMatchObject({
    id: 'a',
    verdict: { state: 'up' },
    results: [{ result: { outcome: 'fail' } }, { result: { phases: [{ name: 'connect', tookMs: 0.6 }] } }],
    changes: [
      { to: 'down', what: 'failed-probe', count: 2 },
      { to: 'down', what: 'failed-request', count: 5 },
    ],
    detection: { downMs: 3_500, upMs: 2_500 },
    observer: { state: 'well' },
  })
  expect(explain(monitor.get('a')!)).toContain('1970-01-01T00:00:00.000Z passed after 1 ms (connect 1): answered')
})
