import type { Mutations, Schedule } from '@hotspare/failover/simulator'
import { describe, expect, it } from 'vitest'
import { expectGreen, firstRed, simulate } from './failover-simulation.fixture.ts'
import { run } from './simulation/seeds.ts'

const SEEDS = 1_000
const TIMEOUT_MS = 600_000

describe('engine, lease, heartbeat and executor, under faults of machines, processes, networks, actuators and people', () => {
  it(`seeds ${SEEDS + 1} to ${2 * SEEDS}, with an arbiter: nothing happens that must not`, { timeout: TIMEOUT_MS }, async () => {
    expect(await expectGreen(SEEDS + 1, SEEDS)).toBeGreaterThan(3 * SEEDS)
  })

  it('nor without an arbiter, where two may serve that do not hear each other', { timeout: TIMEOUT_MS }, async () => {
    expect(await expectGreen(1, 60, { arbiter: false })).toBeGreaterThan(60)
  })
})

/** Rule by rule: `docs/decisions/0013-safety-rules-and-their-tests.md`. */
describe('a rule that is taken out is missed:', () => {
  // From these seeds on it is looked for, so that a change of the engine that shifts them does not fail the test.
  it.each<[keyof Mutations, string, number]>([
    ['withoutMargin', 'two holders', 339],
    ['withoutReleaseFirst', 'two holders', 4],
    ['withoutTokenCheck', 'which had ended', 9],
    ['withoutLooking', 'still on', 185],
    ['withoutPauseGuard', 'began to take over', 90],
    ['withoutCandidateCheck', 'where the service is dead', 76],
    ['withoutKeep', 'is to be kept', 3],
    ['withoutServedLook', 'which serves and can be reached', 15],
    ['withoutHold', 'under the hold', 61],
    ['withoutAgreement', 'while it disagrees', 198],
    ['withoutCompany', 'which it goes with', 29],
    ['withoutOrder', 'which it comes after', 25],
    ['withoutPowerOff', 'two holders', 34],
  ])(
    '%s: schedules find "%s", with seed %i or a later one, and nothing with that seed as it is',
    { timeout: TIMEOUT_MS },
    async (mutation, what, seed) => {
      const red = await firstRed({ [mutation]: true }, what, seed)
      expect(red).toBeDefined()
      expect((await simulate(red ?? seed)).violations).toEqual([])
    },
  )

  it(
    'withoutLastLook: what a process did while it did not see that its right had ended is left as it is',
    { timeout: TIMEOUT_MS },
    async () => {
      const what = 'shop: web-1 finished a start under a right that had ended'
      const schedules = Array.from({ length: 20 }, (_, seed) => [40, 60, 80].map((delayMs) => pausedAfterGrant(seed, delayMs))).flat()
      // It takes a pause that begins within the last step: when that is, the seed decides.
      let red: Schedule | undefined
      for (const schedule of schedules) {
        const { violations } = await run(schedule, { withoutLastLook: true })
        red = violations.some((violation) => violation.what === what) ? schedule : undefined
        if (red) break
      }
      expect(red).toBeDefined()
      expect((await run(red ?? pausedAfterGrant(1, 40))).violations).toEqual([])
    },
  )
})

function pausedAfterGrant(seed: number, delayMs: number): Schedule {
  const members = ['web-1', 'web-2']
  const definition = { name: 'shop', members, onControlLoss: 'release', failback: { type: 'manual' }, maxFailoversPerHour: 6 } as const
  return {
    seed,
    site: { nodes: members.map((name) => ({ name })), services: [{ definition, records: 1, address: { commandMs: 100 } }] },
    faults: [{ type: 'pause', node: '@actor', atMs: { after: 'grant', nth: 1, delayMs }, forMs: 2_000 }],
    calmAtMs: 4_000,
    settledMs: 500,
  }
}
