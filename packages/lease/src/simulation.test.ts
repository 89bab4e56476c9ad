import { describe, expect, it } from 'vitest'
import { timingDefaults } from './defaults.ts'
import { type Outcome, runSchedule } from './schedule.fixture.ts'

const SCHEDULES = 10_000
const { clockRateError } = timingDefaults

async function runAll(
  first: number,
  count: number,
  options: Parameters<typeof runSchedule>[1],
): Promise<(Outcome & { readonly seed: number })[]> {
  const outcomes = []
  for (let seed = first; seed < first + count; seed++) outcomes.push({ seed, ...(await runSchedule(seed, options)) })
  return outcomes
}

describe('random schedules of pauses, suspends, naps, kills, cuts, losses, repetitions, delays, clock rates and clock steps', () => {
  // Seeds in the report are those of runSchedule: call it with one to see that run again.
  it(
    `${SCHEDULES} of them: never two rights at one instant, no stale action, growing tokens, and somebody gets it afterwards`,
    { timeout: 600_000 },
    async () => {
      const outcomes = await runAll(1, SCHEDULES, { clockRateError })
      expect(outcomes.filter(({ violations }) => violations.length > 0)).toEqual([])
      expect(outcomes.filter(({ live }) => !live)).toEqual([])
      // The schedules have let something happen.
      expect(outcomes.reduce((sum, { grants }) => sum + grants, 0)).toBeGreaterThan(3 * SCHEDULES)
      expect(outcomes.reduce((sum, { handovers }) => sum + handovers, 0)).toBeGreaterThan(SCHEDULES / 5)
    },
  )

  it('and none when the store loses its data on the way, while wall clocks agree within a ttl', { timeout: 120_000 }, async () => {
    const outcomes = await runAll(1, 2_000, { clockRateError: 0.001, dataLoss: true })
    expect(outcomes.filter(({ violations }) => violations.length > 0)).toEqual([])
    expect(outcomes.filter(({ live }) => !live)).toEqual([])
  })

  it('the same seed gives the same run', async () => {
    expect(await runSchedule(7, { clockRateError })).toEqual(await runSchedule(7, { clockRateError }))
  })

  it('they find two rights when clocks are off by more than the margin allows', async () => {
    const outcomes = await runAll(1, 400, { clockRateError: 0.4 })
    expect(outcomes.filter(({ violations }) => violations.length > 0).length).toBeGreaterThan(0)
  })

  it('they find two rights when the margin is switched off, though the clocks are within the bound', async () => {
    const outcomes = await runAll(1, 600, { clockRateError, withoutMargin: true })
    expect(outcomes.filter(({ violations }) => violations.length > 0).length).toBeGreaterThan(0)
  })

  it('they find two rights when a suspend goes unnoticed', async () => {
    const outcomes = await runAll(1, 400, { clockRateError, blindToSuspends: true })
    expect(outcomes.filter(({ violations }) => violations.length > 0).length).toBeGreaterThan(0)
  })

  it('they find two rights when a right that is handed over is said to have more left than it has', async () => {
    const outcomes = await runAll(1, 600, { clockRateError, boastMs: 300 })
    expect(outcomes.filter(({ violations }) => violations.length > 0).length).toBeGreaterThan(0)
  })
})
