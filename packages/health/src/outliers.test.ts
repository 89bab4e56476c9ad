import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createOutlierDetector,
  initialOutlierState,
  outcomeOf,
  type OutlierEffect,
  type OutlierEvent,
  type OutlierInput,
  type OutlierOptions,
  outlierOptionsSchema,
  type OutlierState,
  stepOutliers,
  type WindowCounts,
} from './outliers.ts'
import { ejectionMs } from './outliers/ejection.ts'
import { successRateThreshold } from './outliers/judge.ts'
import { RequestWindow } from './outliers/window.ts'
import { mean, populationDeviation } from './statistics.ts'

/** A pool `t0`, `t1`, ..., on the pure machine. */
function pool(size: number, options: OutlierOptions = {}) {
  const rules = outlierOptionsSchema.parse(options)
  let state: OutlierState = initialOutlierState
  const effects: OutlierEffect[] = []
  const input = (next: OutlierInput): OutlierEffect[] => {
    const step = stepOutliers(state, next, rules)
    state = step.state
    effects.push(...step.effects)
    return [...step.effects]
  }
  const ids = Array.from({ length: size }, (_, index) => `t${index}`)
  input({ type: 'targets', ids, atMs: 0 })
  return {
    input,
    effects,
    state: () => state,
    ejected: () => [...state.targets.ids()].filter((id) => state.targets.get(id)?.ejectedUntilMs !== undefined),
    fail: (targetId: string, times: number, outcome: 'failure' | 'local-failure' | 'success' | 'throttled' = 'failure', atMs = 0) => {
      for (let request = 0; request < times; request++) input({ type: 'report', targetId, outcome, atMs, jitter: 0 })
    },
    sweep: (windows: readonly Partial<WindowCounts>[], atMs = 10_000) =>
      input({
        type: 'sweep',
        atMs,
        windows: new Map(windows.map((counts, index) => [`t${index}`, { counts: { ...EMPTY, ...counts }, jitter: 0 }])),
      }),
  }
}

const EMPTY: WindowCounts = { successes: 0, failures: 0, localFailures: 0, throttled: 0, timed: 0, medianMs: 0 }
const rate = (percent: number, requests = 100): Partial<WindowCounts> => ({
  successes: (percent * requests) / 100,
  failures: ((100 - percent) * requests) / 100,
})
const took = (medianMs: number, timed = 100): Partial<WindowCounts> => ({ successes: timed, timed, medianMs })
const types = (effects: readonly OutlierEffect[]) => effects.map(({ type, targetId }) => `${type} ${targetId}`)

describe('the published numbers', () => {
  it('rates of 100, 100, 100, 100 and 50 have mean 90, deviation 20 and threshold 52 (Envoy)', () => {
    const rates = [100, 100, 100, 100, 50]
    expect([mean(rates), populationDeviation(rates), successRateThreshold(rates, 1.9)]).toEqual([90, 20, 52])
    const { sweep, ejected } = pool(5)
    sweep(rates.map((percent) => rate(percent)))
    expect(ejected()).toEqual(['t4'])
  })

  it('ejections in a row last 30, 60, 90 ... 300 s, the jitter on top', () => {
    const rules = outlierOptionsSchema.parse({})
    expect(Array.from({ length: 12 }, (_, index) => ejectionMs(index + 1, 0, rules) / 1_000)).toEqual([
      30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300,
    ])
    expect(ejectionMs(1, 0.5, rules)).toBe(31_500)
    expect(ejectionMs(1, 0, { ...rules, maxEjectionMs: 10_000 })).toBe(30_000)
  })
})

describe('consecutive errors', () => {
  it('eject at the fifth in a row, and a good answer in between clears the streak', () => {
    const { fail, ejected, effects } = pool(3)
    fail('t0', 4)
    fail('t0', 1, 'success')
    fail('t0', 4)
    expect(ejected()).toEqual([])
    fail('t0', 1)
    expect(ejected()).toEqual(['t0'])
    expect(effects).toEqual([
      { type: 'ejected', targetId: 't0', cause: 'consecutive-errors', forMs: 30_000, ejections: 1, because: '5 requests in a row failed' },
    ])
  })

  it('are counted apart from requests without an answer', () => {
    const { fail, ejected, effects } = pool(3)
    fail('t0', 4)
    fail('t0', 4, 'local-failure')
    // It has answered: it can be reached.
    fail('t0', 1, 'throttled')
    fail('t0', 4, 'local-failure')
    expect(ejected()).toEqual([])
    fail('t0', 1, 'local-failure')
    expect(effects.at(-1)).toMatchObject({
      type: 'ejected',
      cause: 'consecutive-local-errors',
      because: '5 requests in a row were not answered',
    })
  })

  it('eject nobody where all fail alike: moving helps nobody', () => {
    const { input, ejected, effects } = pool(4)
    for (let round = 0; round < 20; round++) {
      for (const targetId of ['t0', 't1', 't2', 't3']) input({ type: 'report', targetId, outcome: 'failure', atMs: round, jitter: 0 })
    }
    expect(ejected()).toEqual([])
    // Told once for each, not with every request.
    expect(types(effects)).toEqual(['withheld t0', 'withheld t1', 'withheld t2', 'withheld t3'])
    expect(effects[0]).toMatchObject({ because: '5 requests in a row failed; it stays, since no other target does better' })
  })

  it('are switched off by 0', () => {
    const { fail, ejected } = pool(3, { consecutiveErrors: 0, consecutiveLocalErrors: 0 })
    fail('t0', 100)
    fail('t1', 100, 'local-failure')
    expect(ejected()).toEqual([])
  })
})

describe('rates over an interval', () => {
  it('eject nobody where all are alike, whatever a computer makes of the sum', () => {
    for (const percent of [100, 99.1, 33.3, 7.7, 0]) {
      const { sweep, ejected } = pool(7)
      sweep(Array.from({ length: 7 }, () => rate(percent, 1_000)))
      expect(ejected()).toEqual([])
    }
  })

  it('do not eject for one failed request of a thousand in a pool that is all but perfect, unless told to (Envoy)', () => {
    const windows = [rate(100, 1_000), rate(100, 1_000), rate(100, 1_000), rate(100, 1_000), rate(99.9, 1_000)]
    const ours = pool(5)
    ours.sweep(windows)
    expect(ours.ejected()).toEqual([])
    const envoys = pool(5, { successRateMinGapPercent: 0 })
    envoys.sweep(windows)
    expect(envoys.ejected()).toEqual(['t4'])
  })

  it('say nothing of too few requests or too few targets', () => {
    const few = pool(5, { failurePercent: 0 })
    few.sweep([rate(100), rate(100), rate(100), rate(100), rate(0, 99)])
    expect(few.ejected()).toEqual([])
    const small = pool(4, { failurePercent: 0 })
    small.sweep([rate(100), rate(100), rate(100), rate(0)])
    expect(small.ejected()).toEqual([])
  })

  it('eject at the failure percentage itself, in a pool of two as well, and nobody where nobody is better', () => {
    const at = pool(2)
    at.sweep([rate(100), rate(15)])
    expect(at.ejected()).toEqual(['t1'])
    const under = pool(2)
    under.sweep([rate(100), rate(16)])
    expect(under.ejected()).toEqual([])
    const both = pool(2)
    both.sweep([rate(10), rate(5)])
    expect(both.ejected()).toEqual([])
  })

  it('keep answers apart from requests without one', () => {
    const { sweep, effects } = pool(2)
    sweep([rate(100), { successes: 10, localFailures: 90 }])
    expect(effects.at(-1)).toMatchObject({ type: 'ejected', targetId: 't1', cause: 'local-failure-percentage' })
    // The ten answers that there were are all good.
    expect(effects).toHaveLength(1)
  })

  it('take the worst first where not all may go', () => {
    const { sweep, ejected, effects } = pool(4, { maxEjected: 1 })
    sweep([rate(100), rate(100), rate(10), rate(0)])
    expect(ejected()).toEqual(['t3'])
    expect(effects.at(-1)).toMatchObject({ type: 'withheld', targetId: 't2' })
  })
})

describe('latency', () => {
  it('ejects who is far slower than its peers, in three windows in a row', () => {
    const { sweep, ejected, effects } = pool(5)
    const windows = [took(10), took(11), took(12), took(10), took(300)]
    sweep(windows, 10_000)
    sweep(windows, 20_000)
    expect(ejected()).toEqual([])
    sweep(windows, 30_000)
    expect(ejected()).toEqual(['t4'])
    expect(effects.at(-1)).toMatchObject({
      cause: 'latency',
      because: 'half of its answers took 300 ms or more, where 60.5 ms is the limit: its peers take 10.5 ms',
    })
  })

  it('begins anew after a window in which it was not slow, and not after one with too little traffic', () => {
    const { sweep, ejected } = pool(3)
    const slow = [took(10), took(11), took(300)]
    for (const [index, windows] of [slow, slow, [took(10), took(11), took(12)], slow, slow, [took(10), took(11), took(12, 5)]].entries()) {
      sweep(windows, 10_000 * (index + 1))
      expect(ejected()).toEqual([])
    }
    sweep(slow, 70_000)
    expect(ejected()).toEqual(['t2'])
  })

  it('says nothing in a pool of two, where nobody can tell which one is odd', () => {
    const { sweep, ejected } = pool(2, { latencyWindows: 1 })
    sweep([took(10), took(5_000)])
    expect(ejected()).toEqual([])
  })

  it('in a pool of three convicts one whose two peers agree, and nobody where they do not', () => {
    const agree = pool(3, { latencyWindows: 1 })
    agree.sweep([took(10), took(5_000), took(12)])
    expect(agree.ejected()).toEqual(['t1'])
    const differ = pool(3, { latencyWindows: 1 })
    differ.sweep([took(10), took(1_000), took(2_000)])
    expect(differ.ejected()).toEqual([])
  })

  it.each([
    { name: 'less than twice as slow', windows: [took(200), took(200), took(200), took(399)] },
    { name: 'slower by less than anybody feels', windows: [took(1), took(1), took(1), took(50)] },
    { name: 'too little traffic', windows: [took(10), took(10), took(10), took(5_000, 49)] },
  ])('lets go by: $name', ({ windows }) => {
    const { sweep, ejected } = pool(4, { latencyWindows: 1 })
    sweep(windows)
    expect(ejected()).toEqual([])
  })
})

describe('how many may go', () => {
  const failing = (size: number, options: OutlierOptions) => {
    const { fail, ejected } = pool(size, options)
    for (let index = 0; index < size; index++) fail(`t${index}`, 5)
    return ejected().length
  }

  it.each([
    // A peer without a failure is always among them until the last: the caps alone decide.
    { size: 1, options: {}, gone: 0 },
    { size: 2, options: {}, gone: 1 },
    { size: 3, options: {}, gone: 1 },
    { size: 4, options: {}, gone: 2 },
    { size: 10, options: {}, gone: 5 },
    { size: 3, options: { capRule: 'before' as const }, gone: 2 },
    { size: 10, options: { maxEjectedPercent: 15 }, gone: 1 },
    { size: 10, options: { maxEjectedPercent: 15, capRule: 'before' as const }, gone: 2 },
    { size: 9, options: { maxEjectedPercent: 10 }, gone: 1 },
    { size: 9, options: { maxEjectedPercent: 10, alwaysEjectOne: false }, gone: 0 },
    { size: 10, options: { maxEjected: 2 }, gone: 2 },
    { size: 10, options: { maxEjected: 0, alwaysEjectOne: false }, gone: 0 },
    { size: 2, options: { maxEjectedPercent: 100 }, gone: 1 },
    { size: 6, options: { maxEjectedPercent: 100 }, gone: 5 },
  ])('of $size with $options go $gone', ({ size, options, gone }) => {
    expect(failing(size, options)).toBe(gone)
  })

  it('never the last that is left, and who is down by its probes is not left', () => {
    const { input, fail, ejected, effects } = pool(3, { maxEjectedPercent: 100 })
    input({ type: 'health', targetId: 't1', health: 'down', atMs: 0 })
    fail('t0', 5)
    expect(ejected()).toEqual(['t0'])
    fail('t2', 50)
    expect(ejected()).toEqual(['t0'])
    expect(effects.at(-1)).toMatchObject({
      type: 'withheld',
      because: '5 requests in a row failed; it stays, since it is the last one that is left',
    })
  })

  it('brings back who was ejected when the last other one goes down, or leaves the pool', () => {
    const down = pool(3)
    down.fail('t0', 5)
    expect(down.input({ type: 'health', targetId: 't1', health: 'down', atMs: 5 })).toEqual([])
    expect(down.input({ type: 'health', targetId: 't2', health: 'down', atMs: 5 })).toEqual([
      { type: 'returned', targetId: 't0', because: 'no other target is left' },
    ])
    const gone = pool(2)
    gone.fail('t0', 5)
    expect(types(gone.input({ type: 'targets', ids: ['t0'], atMs: 5 }))).toEqual(['returned t0'])
  })
})

describe('the way back', () => {
  it('is after 30 s, after 60 s the next time, and after 30 s again once it has served well for a window', () => {
    const { fail, input, sweep, effects } = pool(3)
    const times = () => effects.flatMap((effect) => (effect.type === 'ejected' ? [effect.forMs] : []))
    fail('t0', 5)
    expect(input({ type: 'clock', atMs: 29_999 })).toEqual([])
    expect(input({ type: 'clock', atMs: 30_000 })).toEqual([{ type: 'returned', targetId: 't0', because: 'its time is over' }])
    fail('t0', 5, 'failure', 30_001)
    expect(times()).toEqual([30_000, 60_000])
    input({ type: 'clock', atMs: 95_000 })
    // Part of a window forgives nothing, nor does one without traffic.
    sweep([rate(100)], 100_000)
    sweep([{}], 110_000)
    fail('t0', 5, 'failure', 111_000)
    expect(times()).toEqual([30_000, 60_000, 90_000])
    input({ type: 'clock', atMs: 300_000 })
    for (const atMs of [310_000, 320_000, 330_000, 340_000]) sweep([rate(100)], atMs)
    fail('t0', 5, 'failure', 341_000)
    expect(times().at(-1)).toBe(30_000)
  })

  it('is a passed probe where it could not be reached, and not where it answered badly', () => {
    const errors = pool(3)
    errors.fail('t0', 5)
    expect(errors.input({ type: 'pass', targetId: 't0', atMs: 1 })).toEqual([])
    const local = pool(3)
    local.fail('t0', 5, 'local-failure')
    expect(types(local.input({ type: 'pass', targetId: 't0', atMs: 1 }))).toEqual(['returned t0'])
    const always = pool(3, { returnOnPass: 'always' })
    always.fail('t0', 5)
    expect(types(always.input({ type: 'pass', targetId: 't0', atMs: 1 }))).toEqual(['returned t0'])
    const never = pool(3, { returnOnPass: 'never' })
    never.fail('t0', 5, 'local-failure')
    expect(never.input({ type: 'pass', targetId: 't0', atMs: 1 })).toEqual([])
  })

  it('is not held against a target that late answers arrive while it is ejected', () => {
    const { fail, input, ejected } = pool(3)
    fail('t0', 50)
    input({ type: 'clock', atMs: 30_000 })
    fail('t0', 4, 'failure', 30_001)
    expect(ejected()).toEqual([])
  })
})

describe('a target that asks for less', () => {
  it.each([
    { report: { status: 200 }, outcome: 'success' },
    { report: { status: 404 }, outcome: 'success' },
    { report: { status: 429 }, outcome: 'throttled' },
    { report: { status: 500 }, outcome: 'failure' },
    { report: { status: 501 }, outcome: 'success' },
    { report: { status: 503, retryAfterMs: 1_000 }, outcome: 'failure' },
    { report: { status: 505 }, outcome: 'success' },
    { report: { status: 0 }, outcome: 'failure' },
    { report: { status: Number.NaN }, outcome: 'failure' },
    { report: { ok: true, local: true }, outcome: 'success' },
    { report: { ok: false }, outcome: 'failure' },
    { report: { ok: false, local: true }, outcome: 'local-failure' },
  ])('$report is $outcome', ({ report, outcome }) => {
    expect(outcomeOf(report)).toBe(outcome)
  })

  const throttle = (target: ReturnType<typeof pool>, targetId: string, times: number, retryAfterMs?: number) => {
    for (let request = 0; request < times; request++) {
      target.input({ type: 'report', targetId, outcome: 'throttled', retryAfterMs, atMs: 0, jitter: 0 })
    }
  }

  it('is never ejected for it, and is left alone for as long as it asks for', () => {
    const three = pool(3)
    throttle(three, 't0', 100, 7_000)
    three.sweep([{ throttled: 100 }, rate(100), rate(100)], 1)
    expect(three.ejected()).toEqual([])
    expect(three.effects).toEqual([{ type: 'backing-off', targetId: 't0', forMs: 7_000, because: 'it asked for it, 5 times in a row' }])
    expect(types(three.input({ type: 'clock', atMs: 7_000 }))).toEqual(['back-off-ended t0'])
  })

  it('is not left alone for the limit of one client, with others served in between', () => {
    const three = pool(3)
    for (let round = 0; round < 100; round++) {
      throttle(three, 't0', 4, 7_000)
      three.fail('t0', 1, 'success')
    }
    expect(three.effects).toEqual([])
  })

  it('is left alone for a bounded time, a second where it gives none, and not at all where nobody else is left', () => {
    const asks = pool(3)
    throttle(asks, 't0', 5, 86_400_000)
    throttle(asks, 't1', 5)
    throttle(asks, 't2', 5)
    expect(asks.effects.map((effect) => ('forMs' in effect ? `${effect.targetId} ${effect.forMs}` : ''))).toEqual(['t0 60000', 't1 1000'])
  })

  it('neither clears nor lengthens a streak of errors', () => {
    const { fail, ejected } = pool(3)
    fail('t0', 4)
    fail('t0', 100, 'throttled')
    expect(ejected()).toEqual([])
    fail('t0', 1)
    expect(ejected()).toEqual(['t0'])
  })
})

describe('the counters of a window', () => {
  it('know the median to within 5 %, in a fixed size', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.2, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 99 }), (values) => {
        const window = new RequestWindow()
        for (const value of values) window.timed(value)
        const middle = values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1]!
        const { medianMs, timed } = window.take()
        expect(timed).toBe(values.length)
        expect(Math.abs(medianMs / middle - 1)).toBeLessThan(0.05)
        expect(window.take()).toEqual(EMPTY)
      }),
    )
  })

  it('leave out what is no time, and put the longest into the last place', () => {
    const window = new RequestWindow()
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) window.timed(wrong)
    expect(window.take().timed).toBe(0)
    window.timed(0)
    expect(window.take().medianMs).toBeCloseTo(0.1)
    window.timed(Number.MAX_VALUE)
    expect(window.take().medianMs).toBeGreaterThan(600_000)
  })
})

describe('any traffic, health and time', () => {
  // Few: what must not happen to the last one happens in small pools.
  const ids = ['a', 'b', 'c', 'd']
  const anyCounts = fc.record({
    successes: fc.nat({ max: 300 }),
    failures: fc.nat({ max: 300 }),
    localFailures: fc.nat({ max: 300 }),
    throttled: fc.nat({ max: 50 }),
    timed: fc.nat({ max: 100 }),
    medianMs: fc.constantFrom(1, 10, 12, 100, 1_000, 10_000),
  })
  const anyJitter = fc.double({ min: 0, max: 0.999, noNaN: true })
  const anyInput = fc.oneof(
    { weight: 2, arbitrary: fc.record({ type: fc.constant('targets' as const), ids: fc.subarray(ids, { minLength: 1 }) }) },
    {
      weight: 30,
      arbitrary: fc.record({
        type: fc.constant('report' as const),
        targetId: fc.constantFrom(...ids, 'stranger'),
        outcome: fc.constantFrom(
          'success' as const,
          'failure' as const,
          'failure' as const,
          'local-failure' as const,
          'throttled' as const,
        ),
        retryAfterMs: fc.option(fc.integer({ min: -5, max: 100_000 }), { nil: undefined }),
        jitter: anyJitter,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('sweep' as const),
        windows: fc
          .uniqueArray(fc.tuple(fc.constantFrom(...ids, 'stranger'), fc.record({ counts: anyCounts, jitter: anyJitter })), {
            selector: ([id]) => id,
          })
          .map((entries) => new Map(entries)),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('clock' as const) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('pass' as const), targetId: fc.constantFrom(...ids) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('health' as const),
        targetId: fc.constantFrom(...ids),
        health: fc.constantFrom('up' as const, 'down' as const, 'down' as const, 'degraded' as const),
      }),
    },
  )
  const anyRules = fc.record({
    consecutiveErrors: fc.integer({ min: 0, max: 3 }),
    consecutiveLocalErrors: fc.integer({ min: 0, max: 3 }),
    maxEjectedPercent: fc.constantFrom(0, 10, 50, 100),
    maxEjected: fc.constantFrom(0, 1, 3, 100),
    capRule: fc.constantFrom('after' as const, 'before' as const),
    alwaysEjectOne: fc.boolean(),
    successRateMinTargets: fc.integer({ min: 2, max: 5 }),
    failurePercent: fc.integer({ min: 20, max: 85 }),
    latencyWindows: fc.integer({ min: 1, max: 2 }),
    returnOnPass: fc.constantFrom('local' as const, 'always' as const, 'never' as const),
    consecutiveThrottled: fc.integer({ min: 0, max: 3 }),
  })

  it('leaves a target in wherever one is not down, keeps to the limits, and to the times', () => {
    fc.assert(
      fc.property(anyRules, fc.array(fc.tuple(anyInput, fc.nat({ max: 20_000 })), { maxLength: 150, size: 'max' }), (options, inputs) => {
        const rules = outlierOptionsSchema.parse(options)
        let state = stepOutliers(initialOutlierState, { type: 'targets', ids, atMs: 0 }, rules).state
        let atMs = 0
        for (const [partial, gapMs] of inputs) {
          atMs += gapMs
          const before = state
          const { state: after, effects } = stepOutliers(before, { ...partial, atMs }, rules)
          state = after
          const targets = [...after.targets.values()]
          const ejected = targets.filter(({ ejectedUntilMs }) => ejectedUntilMs !== undefined).length
          const someWork = targets.some(({ health }) => health !== 'down')
          const someAreLeft = targets.some(({ health, ejectedUntilMs }) => health !== 'down' && ejectedUntilMs === undefined)
          expect(someAreLeft).toBe(someWork)
          const free = !effects.some(({ type }) => type === 'ejected') || (rules.alwaysEjectOne && ejected === 1)
          const counted = rules.capRule === 'after' ? ejected : ejected - 1
          const most = rules.maxEjectedPercent * targets.length
          expect(free || ejected <= rules.maxEjected).toBe(true)
          expect(free || 100 * counted < most || (100 * counted === most && rules.capRule === 'after')).toBe(true)
          for (const { ejectedUntilMs, backOffUntilMs } of targets) {
            expect((ejectedUntilMs ?? atMs) - atMs).toBeLessThanOrEqual(rules.maxEjectionMs * (1 + rules.jitterRatio))
            expect((backOffUntilMs ?? atMs) - atMs).toBeLessThanOrEqual(rules.maxBackOffMs)
          }
          expect(after.targets.get('stranger')).toBeUndefined()
          const overdue = targets.some(({ ejectedUntilMs }) => (ejectedUntilMs ?? atMs + 1) <= atMs)
          expect(partial.type === 'clock' && overdue).toBe(false)
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('the outlier detector', () => {
  async function setUp(options: OutlierOptions = {}, ids = ['a', 'b', 'c']) {
    const clock = new TestClock()
    const detector = createOutlierDetector({ clock, random: seededRandom(1), ...options })
    const events: OutlierEvent[] = []
    detector.subscribe((event) => events.push(event))
    detector.setTargets(ids)
    await detector.start()
    return { clock, detector, events }
  }

  it('tells an ejection and a return, on time, and why', async () => {
    const { clock, detector, events } = await setUp({ jitterRatio: 0 })
    for (let request = 0; request < 5; request++) detector.report('a', { status: 503 })
    expect(detector.get('a')).toMatchObject({ state: 'ejected', because: '5 requests in a row failed', remainingMs: 30_000 })
    await clock.advance(29_999)
    expect(detector.get('a')).toMatchObject({ state: 'ejected', remainingMs: 1 })
    await clock.advance(1)
    expect(detector.verdicts().map(({ targetId, state }) => `${targetId} ${state}`)).toEqual(['a available', 'b available', 'c available'])
    expect(events.map(({ type, at }) => `${type} ${at - 1_700_000_000_000}`)).toEqual(['target-ejected 0', 'target-returned 30000'])
    await detector.stop()
    expect(clock.pendingTimers).toBe(0)
  })

  it('judges what it has counted once an interval, by rates and by latency', async () => {
    const { clock, detector, events } = await setUp({ latencyWindows: 1 }, ['a', 'b', 'c', 'd', 'e', 'f'])
    for (let request = 0; request < 100; request++) {
      for (const id of ['a', 'b', 'c', 'd']) detector.report(id, { status: 200, latencyMs: 10 + (request % 5) })
      detector.report('e', { status: request % 2 === 0 ? 200 : 500, latencyMs: 10 })
      detector.report('f', { status: 200, latencyMs: 400 })
    }
    expect(events).toEqual([])
    await clock.advance(10_000)
    expect(events.map((event) => ('cause' in event ? `${event.targetId} ${event.cause}` : event.type))).toEqual([
      'e success-rate',
      'f latency',
    ])
    await clock.advance(10_000)
    expect(events).toHaveLength(2)
  })

  it('spreads the returns of what was ejected together', async () => {
    const { detector } = await setUp({}, ['a', 'b', 'c', 'd'])
    for (const id of ['a', 'b']) for (let request = 0; request < 5; request++) detector.report(id, { ok: false })
    const [a, b] = detector.verdicts().map(({ remainingMs }) => remainingMs ?? 0)
    expect(a).not.toBe(b)
    for (const remainingMs of [a, b]) expect(remainingMs).toSatisfy((ms: number) => ms >= 30_000 && ms < 33_000)
  })

  it('ignores strangers, forgets who has left, keeps who stays, and takes no more than it can hold', async () => {
    const { detector } = await setUp()
    detector.report('stranger', { ok: false })
    detector.setHealth('stranger', 'down')
    detector.probePassed('stranger')
    for (let request = 0; request < 5; request++) detector.report('a', { ok: false })
    detector.setTargets(['a', 'd', 'e'])
    expect(detector.verdicts().map(({ targetId, state }) => `${targetId} ${state}`)).toEqual(['a ejected', 'd available', 'e available'])
    detector.setTargets(['d'])
    expect(detector.get('a')).toBeUndefined()
    expect(() => detector.setTargets(Array.from({ length: 10_001 }, (_, index) => String(index)))).toThrow('no pool has more than 10000')
  })

  it('is not moved by a step of the wall clock, and stops and starts again', async () => {
    const { clock, detector, events } = await setUp({ jitterRatio: 0 })
    for (let request = 0; request < 5; request++) detector.report('a', { ok: false, local: true })
    clock.stepWall(86_400_000)
    await clock.advance(1_000)
    expect(detector.get('a')?.state).toBe('ejected')
    detector.probePassed('a')
    expect(events.at(-1)).toMatchObject({ type: 'target-returned', because: 'a probe of it has passed' })
    await detector.stop()
    await detector.start()
    await detector.start()
    expect(clock.pendingTimers).toBe(1)
    await detector[Symbol.asyncDispose]()
    expect(clock.pendingTimers).toBe(0)
  })

  it.each([{ latencyMinTargets: 2 }, { maxEjectedPercent: 101 }, { intervalMs: 0 }, { unejectOnPass: true }])('refuses %o', (options) => {
    expect(() => createOutlierDetector(options as OutlierOptions)).toThrow(
      `outlier detector: ${Object.keys(options)[0]!.startsWith('un') ? '' : Object.keys(options)[0]}`,
    )
  })
})
