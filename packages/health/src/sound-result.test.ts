import { recordingLogger, TestClock } from '@hotspare/core/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { all } from './compose.ts'
import { explain } from './explain.ts'
import { createHealthMonitor } from './monitor.ts'
import type { Probe, ProbeResult } from './probe.ts'
import { soundResult, thrownResult } from './sound-result.ts'
import { memoryProbe } from './testing/index.ts'

const well = { outcome: 'pass', detail: 'fine', durationMs: 1 }

/** What probes that were written without types have given. */
const rubbish: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a word', 'pass'],
  ['no outcome', {}],
  ['an outcome that there is not', { ...well, outcome: 'great' }],
  ['a failure without a reason', { ...well, outcome: 'fail' }],
  ['a failure with an object for a reason', { ...well, outcome: 'fail', reason: {} }],
  ['no duration', { outcome: 'pass', detail: 'fine' }],
  ['a duration in words', { ...well, durationMs: 'long' }],
  ['no detail', { outcome: 'pass', durationMs: 1 }],
  ['phases that are a number', { ...well, phases: 5 }],
  ['phases that are null', { ...well, phases: [null] }],
  ['phases without a time', { ...well, phases: [{ name: 'dns' }] }],
  ['measures that are a text', { ...well, measures: 'abc' }],
  ['measures in words', { ...well, measures: { load: 'high' } }],
  ['a warning that is a number', { ...well, warning: 5 }],
  ['advice that is a number', { ...well, advice: 5 }],
  ['a weight in words', { ...well, advice: { weight: 'half' } }],
  ['an admin state that there is not', { ...well, advice: { admin: 'gone' } }],
]

/** Errors that cannot be looked at. */
const unreadable: readonly (readonly [string, () => unknown])[] = [
  ['a proxy that refuses', () => new Proxy({}, { has: refuse, get: refuse })],
  ['a getter that throws', () => Object.defineProperty({}, 'code', { get: refuse })],
  ['an aggregate of itself', () => endless()],
]

function refuse(): never {
  throw new Error('do not look')
}

function endless(): AggregateError {
  const error = new AggregateError([], 'again')
  error.errors = [error]
  return error
}

/** As TypeScript would never let it through. */
function probeOf(run: () => unknown): Probe {
  return { ...memoryProbe(), run: run as Probe['run'] }
}

/** A monitor with one good target and one that has the probe, after some looks. */
async function watched(probe: Probe) {
  const clock = new TestClock()
  const monitor = createHealthMonitor({ clock, random: { next: () => 0 }, logger: recordingLogger() })
  onTestFinished(() => monitor.stop())
  monitor.add({ id: 'bad', probe, fall: 1 })
  monitor.add({ id: 'good', probe: memoryProbe({ clock }) })
  await monitor.start()
  await clock.advance(3_500)
  return monitor
}

describe('a result that is none', () => {
  it.each(rubbish)('%s counts as failed, and stops no other look', async (_, given) => {
    // A look that broke on phases left an unhandled rejection, which ends the process; a weight in words was told as new each time.
    const monitor = await watched(probeOf(() => Promise.resolve(given)))
    expect(monitor.get('bad')).toMatchObject({ verdict: { state: 'down' }, weight: 1, admin: undefined })
    expect(monitor.get('bad')?.history).toHaveLength(4)
    expect(monitor.get('bad')?.lastResult).toMatchObject({ outcome: 'fail', reason: 'error' })
    expect(monitor.get('bad')?.lastResult?.detail).toMatch(/^the probe gave no result: /)
    expect(explain(monitor.get('bad')!)).not.toEqual([])
    expect(monitor.get('good')?.verdict.state).toBe('up')
  })

  it.each(rubbish)('%s is a failed part of a composed probe', async (_, given) => {
    // It left the whole open for ever, and then broke its timer.
    const result = await all({ bad: probeOf(() => Promise.resolve(given)), good: memoryProbe() }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'error' })
    expect(result.detail).toMatch(/^1 of 2 failed: bad: the probe gave no result/)
  })
})

describe('an error that cannot be looked at', () => {
  it.each(unreadable)('%s counts as failed, and stops no other look', async (_, make) => {
    const monitor = await watched(probeOf(() => Promise.reject(make())))
    expect(monitor.get('bad')).toMatchObject({ verdict: { state: 'down' }, lastResult: { outcome: 'fail', reason: 'error' } })
    expect(monitor.get('good')?.verdict.state).toBe('up')
  })

  it.each(unreadable)('%s is a failed part of a composed probe', async (_, make) => {
    const result = await all({ bad: probeOf(() => Promise.reject(make())), good: memoryProbe() }).run()
    expect(result).toMatchObject({ outcome: 'fail', reason: 'error' })
  })
})

describe('thrownResult', () => {
  it('says nothing of a target that was never asked for want of something on this side', () => {
    const error = Object.assign(new Error('too many open files'), { code: 'EMFILE' })
    expect(thrownResult(error, 3)).toEqual({ outcome: 'inconclusive', detail: 'too many open files', durationMs: 3 })
  })

  it('makes a result of whatever is thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        expect(soundResult(thrownResult(thrown, 1)).outcome).toBe('fail')
      }),
    )
  })
})

describe('soundResult', () => {
  it('refuses whatever is no result, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (given) => {
        expect(() => soundResult(given as ProbeResult)).toThrow(TypeError)
      }),
    )
  })

  it('leaves a good one as it is, its texts made fit for a line', () => {
    const given = {
      outcome: 'fail',
      reason: 'limit',
      durationMs: 2,
      detail: 'too\nmuch',
      phases: [{ name: 'dns', tookMs: 1 }],
      measures: { 'used-ratio': 0.9 },
      warning: '\u001B[2Jsoon',
      advice: { weight: 0.5, admin: 'draining' },
    } as const
    expect(soundResult(given)).toEqual({ ...given, detail: 'too much', warning: '[2Jsoon' })
  })
})
