import { timeoutError } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { describe, expect, it } from 'vitest'
import type { FollowedEntry } from './follower.ts'
import type { Sample } from './load.ts'
import { runScenario, type ScenarioOptions, type Step, type StepReport } from './scenario.ts'

const START = 1_000_000

interface World {
  readonly clock: TestClock
  readonly samples: Sample[]
  /** Lets an entry of the timeline come in, now or, in part of its way, later. */
  readonly happens: (type: string, targetId: string, laterMs?: number) => void
  readonly run: (steps: readonly Step[], options?: Partial<ScenarioOptions>) => Promise<StepReport[]>
}

/** A load that is what a test says, and a timeline that is looked at once. */
function world(): World {
  const clock = new TestClock(START)
  const samples: Sample[] = []
  const entries: FollowedEntry[] = []
  const waitFor: ScenarioOptions['follower']['waitFor'] = (what, matches, timeoutMs) => {
    const entry = entries.find(matches)
    return entry ? Promise.resolve(entry) : Promise.reject(timeoutError(what, timeoutMs))
  }
  return {
    clock,
    samples,
    // The daemon's wall clock is an hour behind: nothing may be measured by it.
    happens: (type, targetId, laterMs = 0) =>
      void entries.push({
        entry: { sequence: entries.length + 1, at: clock.wallMs() - 3_600_000, type, targetId, text: '' },
        arrivedMs: clock.monotonicMs() + laterMs,
      }),
    async run(steps, options) {
      const done = runScenario({ steps, load: { samples }, follower: { waitFor }, clock, baselineMs: 3_000, settleMs: 1_000, ...options })
      void done.catch(() => {})
      await clock.advance(60_000)
      return done
    },
  }
}

function step(changes: Partial<Step>): Step {
  return { title: 'a kill', noticedBy: 'target-down', withinMs: 500, act: () => Promise.resolve('shop/a'), ...changes }
}

describe('a scenario', () => {
  it('measures each step against the load around it', async () => {
    const { samples, happens, run } = world()
    for (let dueMs = 0; dueMs < 10_000; dueMs += 100) {
      const broken = dueMs >= 3_000 && dueMs < 3_300
      samples.push({ dueMs, endMs: dueMs + (broken ? 50 : 4), failure: broken ? 'status 502' : undefined })
    }
    const [report] = await run([
      step({
        act() {
          happens('target-down', 'shop/a')
          return Promise.resolve('shop/a')
        },
      }),
    ])
    expect(report).toEqual({
      title: 'a kill',
      targetId: 'shop/a',
      noticedAfterMs: 0,
      firstGoodAnswerMs: 304,
      before: { sent: 20, failed: 0, p50Ms: 4, p99Ms: 4, slowestMs: 4 },
      during: { sent: 10, failed: 3, p50Ms: 4, p99Ms: 50, slowestMs: 50 },
      after: { sent: 10, failed: 0, p50Ms: 4, p99Ms: 4, slowestMs: 4 },
      problems: [],
    })
  })

  it('counts from the act to the arrival of the entry, by the monotonic clock of this side', async () => {
    const { clock, happens, run } = world()
    const [report] = await run([
      step({
        act() {
          happens('target-down', 'shop/a', 730)
          clock.stepWall(-5_000)
          return Promise.resolve('shop/a')
        },
      }),
    ])
    expect(report?.noticedAfterMs).toBe(730)
  })

  it('does not take what happened before the act, to another target, or otherwise, for its notice', async () => {
    const { happens, run } = world()
    happens('target-down', 'shop/a')
    const [report] = await run([
      step({
        act() {
          happens('target-down', 'shop/b')
          happens('target-drained', 'shop/a')
          return Promise.resolve('shop/a')
        },
      }),
    ])
    expect(report).toMatchObject({
      noticedAfterMs: undefined,
      targetId: 'shop/a',
      problems: ['target-down of shop/a: no answer within 500 ms'],
    })
  })

  it('reports a step that cannot be done, or whose look at the world fails, and goes on with the next', async () => {
    const { happens, run } = world()
    const seen: string[] = []
    const down = () => {
      happens('target-down', 'shop/a')
      return Promise.resolve('shop/a')
    }
    const reports = await run(
      [
        step({ title: 'one', act: () => Promise.reject(new Error('no such process')), verify: () => Promise.resolve('never asked') }),
        step({ title: 'two', act: down, verify: (targetId) => Promise.resolve(`${targetId} got 3 new requests`) }),
        // Once the end of the whole scenario.
        step({ title: 'three', act: down, verify: () => Promise.reject(new Error('fetch failed')) }),
        step({ title: 'four', act: down, verify: () => Promise.resolve(undefined) }),
      ],
      { onStep: (title) => seen.push(title) },
    )
    expect(seen).toEqual(['one', 'two', 'three', 'four'])
    expect(reports.map(({ title, targetId, problems }) => [title, targetId, problems])).toEqual([
      ['one', undefined, ['no such process']],
      ['two', 'shop/a', ['shop/a got 3 new requests']],
      ['three', 'shop/a', ['fetch failed']],
      ['four', 'shop/a', []],
    ])
  })

  it('looks at the world once things have settled, and knows the answers that came after', async () => {
    const { clock, samples, happens, run } = world()
    const at: number[] = []
    const [report] = await run([
      step({
        act() {
          at.push(clock.monotonicMs())
          happens('target-down', 'shop/a')
          return Promise.resolve('shop/a')
        },
        verify() {
          at.push(clock.monotonicMs())
          samples.push({ dueMs: 4_500, endMs: 4_600, failure: undefined })
          return Promise.resolve(undefined)
        },
      }),
    ])
    expect(at).toEqual([3_000, 5_000])
    expect(report?.after.sent).toBe(1)
  })

  it('ends with the reason of an abort, before a step or within one', async () => {
    for (const afterMs of [1_000, 3_500, 4_500]) {
      const { clock, happens, run } = world()
      const abort = new AbortController()
      clock.schedule(afterMs, () => abort.abort(new Error('Ctrl-C')))
      const act = () => {
        happens('target-down', 'shop/a')
        return Promise.resolve('shop/a')
      }
      await expect(run([step({ act })], { signal: abort.signal })).rejects.toThrow('Ctrl-C')
    }
  })

  it('without steps is its baseline', async () => {
    expect(await world().run([])).toEqual([])
  })
})
