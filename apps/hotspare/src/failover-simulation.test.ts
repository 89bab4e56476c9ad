import { describe, expect, it } from 'vitest'
import { expectGreen, simulate } from './failover-simulation.fixture.ts'

const SEEDS = 1_000
const TIMEOUT_MS = 600_000

describe('engine, lease, heartbeat and executor, under faults of machines, processes, networks, actuators and people', () => {
  it(`seeds 1 to ${SEEDS}, with an arbiter: nothing happens that must not`, { timeout: TIMEOUT_MS }, async () => {
    const plans = await expectGreen(1, SEEDS)
    // The schedules have let something happen.
    expect(plans).toBeGreaterThan(3 * SEEDS)
  })

  it('the same schedule gives the same run, and another one another', { timeout: TIMEOUT_MS }, async () => {
    const [first, again, other] = [await simulate(6), await simulate(6), await simulate(7)]
    expect(again).toEqual(first)
    expect(other.digest).not.toBe(first.digest)
  })
})
