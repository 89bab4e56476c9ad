import { seededRandom } from '@hotspare/core'
import { TestClock } from '@hotspare/core/testing'
import { expect, test } from 'vitest'
import type { Candidate } from './algorithm.ts'
import { startChooser } from './chooser.fixture.ts'
import { peakEwma } from './peak-ewma.ts'
import { createPool } from './pool.ts'

function candidate(index: number, active = 0, weight = 1): Candidate {
  return { id: `t${index}`, index, weight, active }
}

async function started(list: readonly Candidate[]) {
  const clock = new TestClock()
  const chooser = startChooser(peakEwma({ random: seededRandom(2) }), list, { clock })
  await clock.advance(1)
  return { clock, ...chooser, winners: () => new Set(Array.from({ length: 100 }, () => chooser.choose()?.id)) }
}

test.each([{ decayMs: 0 }, { initialLatencyMs: 0 }, { penaltyMs: -1 }, { decayMs: Number.NaN }, { rtt: 1 } as object])(
  '%j is refused',
  (options) => {
    expect(() => peakEwma(options)).toThrow(expect.objectContaining({ code: 'HOTSPARE_BALANCE_OPTIONS' }))
  },
)

test('of two the slower one loses, until it has twice fewer open requests for each time that it is slower', async () => {
  const busy = { ...candidate(0), active: 0 }
  const list = [busy, candidate(1)]
  const { finished, winners } = await started(list)
  finished(list[0]!, { latencyMs: 40, ok: true })
  finished(list[1]!, { latencyMs: 100, ok: true })
  expect([...winners()]).toEqual(['t0'])
  busy.active = 1
  expect([...winners()]).toEqual(['t0'])
  busy.active = 2
  expect([...winners()]).toEqual(['t1'])
})

test('a target that fails at once does not draw the traffic', async () => {
  const list = [candidate(0), candidate(1)]
  const { finished, winners } = await started(list)
  finished(list[0]!, { latencyMs: 1, ok: false })
  finished(list[1]!, { latencyMs: 200, ok: true })
  expect([...winners()]).toEqual(['t1'])
})

test('who was slow is tried again when it has not been heard of for long enough', async () => {
  const list = [candidate(0), candidate(1)]
  const { clock, finished, winners } = await started(list)
  finished(list[0]!, { latencyMs: 5_000, ok: true })
  finished(list[1]!, { latencyMs: 10, ok: true })
  expect([...winners()]).toEqual(['t1'])
  for (let second = 0; second < 70; second++) {
    await clock.advance(1_000)
    finished(list[1]!, { latencyMs: 10, ok: true })
  }
  expect([...winners()]).toEqual(['t0'])
})

test('it counts open picks where no latency is known, or all of it is forgotten', async () => {
  const { clock, winners } = await started([candidate(0, 3), candidate(1, 2)])
  expect([...winners()]).toEqual(['t1'])
  await clock.advance(1e9)
  expect([...winners()]).toEqual(['t1'])
})

test('a target of twice the weight may have twice the wait', async () => {
  const { winners } = await started([candidate(0, 2, 2), candidate(1, 1, 1)])
  expect([...winners()]).toEqual(['t0'])
})

test('who is alike gets alike', async () => {
  const { winners } = await started([candidate(0), candidate(1), candidate(2)])
  expect(winners()).toEqual(new Set(['t0', 't1', 't2']))
})

test('a latency that is none is not learnt', async () => {
  const list = [candidate(0), candidate(1, 1)]
  const { finished, winners } = await started(list)
  finished(list[0]!, { latencyMs: Number.NaN, ok: true })
  finished(list[0]!, { latencyMs: -5, ok: true })
  finished(list[0]!, { latencyMs: Infinity, ok: true })
  expect([...winners()]).toEqual(['t0'])
})

// An average that is endless once never comes down.
test('a failure that took for ever counts as one, and is forgotten', async () => {
  const list = [candidate(0), candidate(1, 1)]
  const { clock, finished, winners } = await started(list)
  finished(list[0]!, { latencyMs: Infinity, ok: false })
  expect([...winners()]).toEqual(['t1'])
  await clock.advance(200_000)
  expect([...winners()]).toEqual(['t0'])
})

test('a pool tells it what became of its picks', async () => {
  const clock = new TestClock()
  const pool = createPool({ targets: [{ id: 'a' }, { id: 'b' }], algorithm: peakEwma({ random: seededRandom(1) }), clock })
  for (const id of ['a', 'b']) pool.setState(id, 'up')
  for (let round = 0; round < 20; round++) {
    await clock.advance(10)
    const pick = pool.pick()!
    pick.done({ latencyMs: pick.target.id === 'a' ? 500 : 5, ok: true })
  }
  const before = pool.snapshot()[0]!.picks
  for (let round = 0; round < 50; round++) pool.pick()!.done()
  expect(before).toBeGreaterThan(0)
  expect(pool.snapshot()[0]!.picks).toBe(before)
})
