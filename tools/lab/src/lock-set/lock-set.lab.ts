import { describe, expect, it, type TestContext } from 'vitest'
import { needLab } from '../network.ts'
import { type LockSetOptions, type LockSetReport, runLockSet } from './run.ts'
import { postgresInstalled, storeKinds } from './stores.ts'

const MIN_GRANTS = 5
const SECONDS = process.env['HOTSPARE_LAB_SHORT'] === '1' ? 12 : 60

async function run(context: TestContext, options: LockSetOptions): Promise<LockSetReport> {
  needLab(context, ...(options.kind === 'etcd' ? ['etcd'] : []))
  if (options.kind === 'postgres' && !postgresInstalled()) context.skip('not installed: postgresql')
  const report = await runLockSet(options)
  await context.annotate(`${options.kind}, seed ${options.seed}: ${JSON.stringify(report)}`)
  return report
}

describe.for(storeKinds)('a set that is written under a lease on %s, through pauses, kills, cuts, power losses and restarts', (kind) => {
  it('loses nothing where tokens are checked', { timeout: 300_000 }, async (context) => {
    const report = await run(context, { kind, seconds: SECONDS, minGrants: MIN_GRANTS, seed: 1, checked: true, faults: 'all' })
    expect(report).toMatchObject({ lost: 0, shared: [] })
    // Something has happened: the lease went from hand to hand, or the run would not have ended, and elements were added.
    expect(report.added).toBeGreaterThan(20)
  })
})

describe('the same, to see that the test can fail', () => {
  const witness = { kind: 'witness', seconds: 20, minGrants: MIN_GRANTS, checked: false } as const
  /** A slow holder beside fast challengers, and the other way about; within what the margin allows for. */
  const clockRates = [0.92, 1.08, 0.92]

  it(
    'loses elements where tokens are not checked: a writer was stopped between its last look and its write',
    { timeout: 300_000 },
    async (context) => {
      expect(await lostInThree(context, { ...witness, faults: 'pauses' })).toBeGreaterThan(0)
    },
  )

  it('with clocks 8 % slow and fast and tokens unchecked, loses nothing thanks to the margin', { timeout: 300_000 }, async (context) => {
    const report = await run(context, { ...witness, seconds: SECONDS, seed: 3, faults: 'cuts', clockRates })
    expect(report).toMatchObject({ lost: 0, shared: [] })
  })

  it('and loses elements with the margin switched off', { timeout: 300_000 }, async (context) => {
    // Further off than the margin would allow for: then nearly every other takeover overlaps.
    const options = { ...witness, faults: 'cuts', clockRates: [0.85, 1.15, 0.85], withoutMargin: true } as const
    expect(await lostInThree(context, options)).toBeGreaterThan(0)
  })
})

/** What was lost in up to three runs: each takeover is a chance, not a certainty. */
async function lostInThree(context: TestContext, options: Omit<LockSetOptions, 'seed'>): Promise<number> {
  for (let seed = 1; seed <= 3; seed++) {
    const { lost } = await run(context, { ...options, seed })
    if (lost > 0) return lost
  }
  return 0
}
