import { TestClock } from '@hotspare/core/testing'
import { expect, it } from 'vitest'
import { Look } from './look.ts'
import type { LookSpec } from './schedule.ts'

const spec: LookSpec = { intervalMs: 1_000, fastMs: 200, timeoutMs: 300, answerMs: 10, fall: 3, rise: 2 }

interface Case {
  readonly changes?: Partial<LookSpec>
  /** What the next look meets. */
  readonly meets: (look: number) => 'answer' | 'refusal' | 'silence'
}

/** @returns when it looked, and each verdict with its time, in milliseconds */
async function looks(forMs: number, { changes = {}, meets }: Case) {
  const clock = new TestClock()
  const askedMs: number[] = []
  const verdicts: string[] = []
  const look = new Look({
    clock,
    spec: { ...spec, ...changes },
    ask(answered) {
      askedMs.push(clock.monotonicMs())
      const met = meets(askedMs.length)
      if (met !== 'silence') answered(met === 'answer')
    },
    judged: (ok) => verdicts.push(`${ok ? 'up' : 'down'} ${clock.monotonicMs()}`),
  })
  look.start()
  await clock.advance(forMs)
  look.stop()
  expect(clock.pendingTimers).toBe(0)
  return { askedMs, verdicts }
}

it('looks again soon from the first failure on, and at its usual pace once the verdict stands', async () => {
  const { askedMs, verdicts } = await looks(4_000, { meets: (look) => (look === 1 ? 'answer' : 'refusal') })
  expect(askedMs).toEqual([100, 1_100, 1_300, 1_500, 2_500, 3_500])
  expect(verdicts).toEqual(['up 100', 'down 1500', 'down 2500', 'down 3500'])
})

it('looks again soon from the first success on, where it takes several to come back', async () => {
  const { askedMs, verdicts } = await looks(2_700, { meets: (look) => (look <= 3 ? 'refusal' : 'answer') })
  expect(askedMs).toEqual([100, 300, 500, 1_500, 1_700, 2_700])
  expect(verdicts).toEqual(['down 500', 'up 1700', 'up 2700'])
})

it('never looks before the look before it has ended', async () => {
  const { askedMs, verdicts } = await looks(1_200, { meets: () => 'silence' })
  expect(askedMs).toEqual([100, 400, 700])
  expect(verdicts).toEqual(['down 1000'])
})

it('looks evenly where no faster pace is given', async () => {
  const { askedMs } = await looks(3_500, { changes: { fastMs: undefined }, meets: () => 'refusal' })
  expect(askedMs).toEqual([100, 1_100, 2_100, 3_100])
})

it('takes no answer that comes after its deadline, or after its end', async () => {
  const clock = new TestClock()
  const answers: (() => void)[] = []
  const verdicts: boolean[] = []
  const judged = (ok: boolean) => verdicts.push(ok)
  const look = new Look({ clock, spec: { ...spec, fall: 1 }, ask: (answered) => answers.push(() => answered(true)), judged })
  look.start()
  await clock.advance(450)
  answers[0]?.()
  expect(verdicts).toEqual([false])
  await clock.advance(1_000)
  look.stop()
  for (const answer of answers) answer()
  await clock.advance(5_000)
  expect(verdicts).toEqual([false, false])
})
