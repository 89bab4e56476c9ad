import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createThresholdWatch,
  initialThresholdState,
  measuresOf,
  stepThreshold,
  type ThresholdEvent,
  type ThresholdOptions,
  thresholdOptionsSchema,
  type ThresholdState,
} from './thresholds.ts'

/** One sample a second; @returns what happened, by the second. */
function play(options: Omit<ThresholdOptions, 'measure'>, values: readonly number[], everyMs = 1_000) {
  const rules = thresholdOptionsSchema.parse({ measure: 'm', ...options })
  let state: ThresholdState = initialThresholdState
  const events: string[] = []
  for (const [index, value] of values.entries()) {
    const step = stepThreshold(state, { value, atMs: index * everyMs }, rules)
    state = step.state
    events.push(...step.effects.map(({ type }) => `${type} at ${index}`))
  }
  return { state, events, rules }
}

const times = (count: number, value: number) => Array.from({ length: count }, () => value)

describe('a threshold', () => {
  it('does not flap on a value that swings around its limit', () => {
    const values = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? 101 : 99))
    expect(play({ enter: 100, leave: 80 }, values).events).toEqual(['exceeded at 0'])
    expect(play({ enter: 100, enterForMs: 2_000 }, values).events).toEqual([])
  })

  it('is entered beyond its limit and not at it, and left at the lower one', () => {
    expect(play({ enter: 100, leave: 80 }, [100, 100, 101, 100, 81, 80]).events).toEqual(['exceeded at 2', 'cleared at 5'])
    expect(play({ enter: 0 }, [0, 1, 0]).events).toEqual(['exceeded at 1', 'cleared at 2'])
  })

  it('is the other way round for what may run short', () => {
    expect(play({ direction: 'below', enter: 10, leave: 20 }, [50, 10, 9, 15, 19, 20]).events).toEqual(['exceeded at 2', 'cleared at 5'])
  })

  it('is entered only when every sample was beyond it for the time, and left in the same way', () => {
    const options = { enter: 100, leave: 80, enterForMs: 3_000, leaveForMs: 2_000 }
    expect(play(options, [101, 101, 101, 101]).events).toEqual(['exceeded at 3'])
    expect(play(options, [101, 101, 99, 101, 101, 101]).events).toEqual([])
    expect(play(options, [101, 101, 101, 101, 80, 81, 80, 80, 80]).events).toEqual(['exceeded at 3', 'cleared at 8'])
  })

  it('does not believe in what it has not seen: a gap begins the time anew, and an old sample changes nothing', () => {
    const rules = thresholdOptionsSchema.parse({ measure: 'm', enter: 1, enterForMs: 60_000 })
    const first = stepThreshold(initialThresholdState, { value: 2, atMs: 0 }, rules).state
    const late = stepThreshold(first, { value: 2, atMs: 300_001 }, rules)
    expect(late).toMatchObject({ effects: [], state: { crossingSinceMs: 300_001 } })
    expect(stepThreshold(first, { value: 2, atMs: 300_000 }, rules).effects).toHaveLength(1)
    expect(stepThreshold(late.state, { value: 0, atMs: 300_000 }, rules).state).toBe(late.state)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -Number.POSITIVE_INFINITY, 1e200])('ignores %d, which is no measure', (value) => {
    const { state, rules } = play({ enter: 1 }, [2])
    expect(stepThreshold(state, { value, atMs: 5_000 }, rules).state).toBe(state)
  })

  it('says why in one clause', () => {
    const watch = (options: Omit<ThresholdOptions, 'measure'>, value: number) => {
      const rules = thresholdOptionsSchema.parse({ measure: 'lag-seconds', ...options, enterForMs: 0 })
      return stepThreshold(initialThresholdState, { value, atMs: 0 }, rules).effects[0]?.because
    }
    expect(watch({ enter: 10 }, 12.34567)).toBe('lag-seconds is 12.35, above 10')
    expect(watch({ enter: 10, of: 'percentile', minSamples: 1 }, 12)).toBe('p95 of lag-seconds is 12, above 10')
    const { state, rules } = play({ enter: 10, enterForMs: 2_000 }, times(3, 11))
    const back = [3, 4, 5].reduce((step, second) => stepThreshold(step.state, { value: 1, atMs: second * 1_000 }, rules), {
      state,
      effects: [],
    } as ReturnType<typeof stepThreshold>)
    expect(back.effects[0]?.because).toBe('m is 1, back to 10 or less for 2 s')
  })
})

describe('what is made of the samples', () => {
  it('is the 95th percentile by the nearest rank: one sample of twenty may be anything', () => {
    expect(play({ of: 'percentile', enter: 100 }, [...times(19, 50), 9_999]).state.value).toBe(50)
    expect(play({ of: 'percentile', enter: 100 }, [...times(18, 50), 200, 9_999])).toMatchObject({
      state: { value: 200 },
      events: ['exceeded at 19'],
    })
    expect(play({ of: 'percentile', enter: 100 }, times(19, 200)).state.value).toBeUndefined()
  })

  it('forgets what has left the window', () => {
    const values = [...times(60, 500), ...times(59, 10)]
    expect(play({ of: 'percentile', enter: 100 }, values).events).toEqual(['exceeded at 19', 'cleared at 116'])
    expect(play({ of: 'mean', enter: 1_000, windowMs: 10_000 }, values).state).toMatchObject({ value: 10, samples: { length: 10 } })
  })

  it('is the growth of a counter a second, over a restart of it', () => {
    expect(play({ of: 'rate', enter: 5 }, [0, 10, 20, 30]).state.value).toBe(10)
    expect(play({ of: 'rate', enter: 5 }, [100, 110, 5, 15]).state.value).toBe(25 / 3)
    expect(play({ of: 'rate', enter: 5 }, [100]).state.value).toBeUndefined()
    expect(play({ of: 'rate', enter: 5 }, [100, 120], 0).state.value).toBeUndefined()
  })

  describe('as a deviation from the usual', () => {
    const random = seededRandom(7)
    const usual = Array.from({ length: 120 }, () => 100 + 10 * (random.next() - 0.5))

    it('sees a jump that a fixed limit would have to know, and no noise', () => {
      expect(play({ of: 'deviation', enter: 4, leave: 2 }, usual).events).toEqual([])
      expect(play({ of: 'deviation', enter: 4, leave: 2 }, [...usual, 160, 160, 160, 100]).events).toEqual([
        'exceeded at 120',
        'cleared at 123',
      ])
      expect(play({ of: 'deviation', direction: 'below', enter: -4, leave: -2 }, [...usual, 40, 100]).events).toEqual([
        'exceeded at 120',
        'cleared at 121',
      ])
    })

    it('says nothing before it knows what is usual', () => {
      expect(play({ of: 'deviation', enter: 4 }, [...times(29, 100), 1e6]).events).toEqual([])
    })

    it('does not take an outage of three minutes for the usual, and a change that lasts in the end', () => {
      expect(play({ of: 'deviation', enter: 4, leave: 2 }, [...usual, ...times(180, 1_000)]).state.exceeded).toBe(true)
      expect(play({ of: 'deviation', enter: 4, leave: 2 }, [...usual, ...times(7_200, 1_000)]).state.exceeded).toBe(false)
    })

    it('does not make a mountain of a measure that has never moved', () => {
      expect(play({ of: 'deviation', enter: 4 }, [...times(60, 100), 101]).events).toEqual([])
      expect(play({ of: 'deviation', enter: 4, minDeviation: 1 }, [...times(60, 0), 4, 5]).events).toEqual(['exceeded at 61'])
    })
  })
})

describe('options of a threshold', () => {
  it.each([
    { options: { enter: 1, leave: 2 }, says: 'leave: must not lie on the bad side of enter' },
    { options: { direction: 'below', enter: 2, leave: 1 }, says: 'leave: must not lie on the bad side of enter' },
    { options: { of: 'percentile', enter: 1, maxSamples: 10 }, says: 'minSamples: is more than maxSamples' },
    { options: { of: 'deviation', direction: 'below', enter: 3 }, says: 'enter: must be above 0' },
    { options: { enter: Number.NaN }, says: 'enter' },
    { options: { enter: 1, limit: 2 }, says: 'limit' },
  ])('refuse $options', ({ options, says }) => {
    expect(() => createThresholdWatch().add('t', 'x', { measure: 'm', ...options } as ThresholdOptions)).toThrow(says)
  })
})

describe('any samples at any times', () => {
  const anySamples = fc.array(
    fc.record({ value: fc.oneof(fc.double(), fc.integer({ min: -20, max: 20 })), gapMs: fc.nat({ max: 5_000 }) }),
    { maxLength: 200, size: 'max' },
  )
  const anyOptions = fc.record({
    of: fc.constantFrom('value' as const, 'percentile' as const, 'mean' as const, 'rate' as const, 'deviation' as const),
    minSamples: fc.integer({ min: 1, max: 5 }),
    maxSamples: fc.integer({ min: 5, max: 20 }),
    enter: fc.integer({ min: 1, max: 10 }),
    span: fc.nat({ max: 5 }),
    enterForMs: fc.nat({ max: 10_000 }),
    leaveForMs: fc.nat({ max: 10_000 }),
  })

  it('keeps memory and numbers bounded, and changes only after the whole time on the other side', () => {
    fc.assert(
      fc.property(anyOptions, anySamples, ({ span, ...options }, samples) => {
        const rules = thresholdOptionsSchema.parse({ measure: 'm', ...options, leave: options.enter - span })
        let state: ThresholdState = initialThresholdState
        let atMs = 0
        let sinceMs: number | undefined
        for (const { value, gapMs } of samples) {
          atMs += gapMs
          const step = stepThreshold(state, { value, atMs }, rules)
          if (step.state === state) continue
          const now = step.state.value
          expect(now === undefined || Number.isFinite(now)).toBe(true)
          expect(step.state.samples.length).toBeLessThanOrEqual(rules.maxSamples)
          const other = now !== undefined && (state.exceeded ? now <= rules.leave : now > rules.enter)
          sinceMs = other ? (sinceMs ?? atMs) : undefined
          const due = sinceMs !== undefined && atMs - sinceMs >= (state.exceeded ? rules.leaveForMs : rules.enterForMs)
          expect(step.effects.length > 0).toBe(due)
          expect(step.state.exceeded).toBe(due ? !state.exceeded : state.exceeded)
          if (due) sinceMs = undefined
          state = step.state
        }
      }),
    )
  })
})

describe('the threshold watch', () => {
  async function setUp() {
    const clock = new TestClock()
    const watch = createThresholdWatch({ clock })
    const events: ThresholdEvent[] = []
    watch.subscribe((event) => events.push(event))
    return { clock, watch, events }
  }

  it('makes a target degraded while a threshold is exceeded, and tells both changes', async () => {
    const { clock, watch, events } = await setUp()
    expect(watch.get('db')).toBeUndefined()
    watch.add('db', 'lag', { measure: 'lag-seconds', enter: 10, leave: 5, enterForMs: 2_000 })
    watch.add('db', 'slow', { measure: 'duration-ms', of: 'percentile', enter: 200 })
    expect(watch.get('db')?.state).toBe('unknown')
    const states: string[] = []
    for (const lag of [1, 20, 20, 20, 4, 4, 4]) {
      watch.reportResult('db', { outcome: 'pass', durationMs: 3, detail: 'ok', measures: { 'lag-seconds': lag } })
      await clock.advance(1_000)
      states.push(`${watch.get('db')?.state}: ${watch.get('db')?.because}`)
    }
    const degraded = 'degraded: lag-seconds is 20, above 10 for 2 s'
    expect(states.slice(2, 6)).toEqual(['up: no threshold is exceeded', degraded, degraded, degraded])
    expect(events.map(({ type, threshold, at }) => `${type} ${threshold} ${at - 1_700_000_000_000}`)).toEqual([
      'threshold-exceeded lag 3000',
      'threshold-cleared lag 6000',
    ])
    expect(watch.get('db')?.state).toBe('up')
    expect(watch.list('db').map(({ threshold, state }) => `${threshold} ${state}`)).toEqual(['lag normal', 'slow unknown'])
    expect(watch.remove('db')).toBe(true)
    expect(watch.get('db')).toBeUndefined()
  })

  it('refuses a name twice, and more than anybody reads', async () => {
    const { watch } = await setUp()
    for (let index = 0; index < 32; index++) watch.add('t', `x${index}`, { measure: 'm', enter: 1 })
    expect(() => watch.add('t', 'x1', { measure: 'm', enter: 1 })).toThrow('added twice')
    expect(() => watch.add('t', 'more', { measure: 'm', enter: 1 })).toThrow('32 thresholds at most')
  })

  it('takes no latency from a failure, and nothing at all from what counts for nothing', () => {
    const facts = { durationMs: 500, detail: '', measures: { 'used-ratio': 0.9 }, phases: [{ name: 'connect' as const, tookMs: 2 }] }
    expect(measuresOf({ ...facts, outcome: 'pass' })).toEqual({ 'connect-ms': 2, 'duration-ms': 500, 'used-ratio': 0.9 })
    expect(measuresOf({ ...facts, outcome: 'fail', reason: 'limit' })).toEqual({ 'used-ratio': 0.9 })
    expect(measuresOf({ ...facts, outcome: 'inconclusive' })).toEqual({})
  })

  it('tells nothing more of a target that a listener removes', async () => {
    const { watch, events } = await setUp()
    for (const threshold of ['x', 'y']) watch.add('t', threshold, { measure: 'm', enter: 1 })
    watch.subscribe(() => watch.remove('t'))
    watch.report('t', { m: 2 })
    expect(events.map(({ threshold }) => threshold)).toEqual(['x'])
  })

  it('is not led astray by names that every object has', async () => {
    const { watch, events } = await setUp()
    watch.add('t', 'x', { measure: 'constructor', enter: 1 })
    watch.report('t', {})
    watch.report('t', { constructor: 2 })
    expect(events).toHaveLength(1)
  })
})
