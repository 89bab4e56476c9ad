import { seededRandom, systemRandom } from '@hotspare/core'
import { sharedMs } from '@hotspare/netlab'
import { describe, expect, it } from 'vitest'
import { drawable, type Drawn, faultOf } from './matrix-faults.ts'
import { broken, isAbout, type Row } from './matrix-rows.ts'
import { needLab } from './network.ts'
import { createHotspare, type Hotspare } from './takeover/hotspare.ts'
import { type Fault, measure } from './takeover/scenario.ts'
import { createSite, sitePrograms } from './takeover/site.ts'

const SHORT = process.env['HOTSPARE_LAB_SHORT'] === '1'
/** `HOTSPARE_SEED=123 npm run lab -- matrix` draws the same failures again. */
const SEED = Number(process.env['HOTSPARE_SEED'] ?? Math.floor(systemRandom.next() * 1e6))
const COUNT = SHORT ? 2 : 10
/** Simulated beside it, so that it is seen to agree; the bounds are what counts. */
const PHASES = '2'

type Policy = 'keep' | 'release'
const ARBITERS = { keep: 'etcd', release: 'witness' } as const

function draw(): readonly { readonly policy: Policy; readonly drawn: Drawn }[] {
  const random = seededRandom(SEED)
  const all = (['keep', 'release'] as const).flatMap((policy) => drawable.map((drawn) => ({ policy, drawn, rank: random.next() })))
  return all.toSorted((a, b) => a.rank - b.rank).slice(0, COUNT)
}

describe(`single failures, drawn with HOTSPARE_SEED=${SEED}, are no worse than check --matrix says of the same file`, () => {
  it.for(draw())('$policy: $drawn.kind at $drawn.at', { timeout: 180_000 }, async ({ policy, drawn }, context) => {
    needLab(context, ...sitePrograms, 'etcd')
    const site = await createSite()
    const system = createHotspare({ policy, arbiter: ARBITERS[policy] })
    await system.start(site)
    const rows = await matrixOf(system)
    const row = rows.find((each) => isAbout(each, drawn))
    if (!row) throw new Error(`the matrix says nothing of ${drawn.kind} at ${drawn.at}`)
    expect(rows.flatMap(({ refutations }) => refutations)).toEqual([])

    const times = { faultMs: 0, healMs: 0 }
    const watchMs = 2_000 + Math.max(0, ...rows.map(({ outage }) => outage.atMostMs ?? 0))
    const measurement = await measure(system, site, timed(faultOf(drawn), times), { quietMs: 500, watchMs })
    await context.annotate(
      `seed ${SEED}: foretold ${JSON.stringify({ ...row, refutations: undefined })}; measured ${JSON.stringify(measurement)}`,
    )
    expect(broken(row, measurement, times.healMs - times.faultMs)).toEqual([])
  })
})

/** What the very file says that a daemon runs with. */
async function matrixOf(system: Hotspare): Promise<readonly Row[]> {
  const printed = await system.cli('node1', 'check', '--matrix', '--phases', PHASES, '--json', '-c', system.file('node1'))
  return (JSON.parse(printed) as { readonly matrix: { readonly rows: readonly Row[] } }).matrix.rows
}

/** Notes when it strikes and when it ends. */
function timed(fault: Fault, times: { faultMs: number; healMs: number }): Fault {
  return {
    name: fault.name,
    inject: (scene) => {
      times.faultMs = sharedMs()
      return fault.inject(scene)
    },
    heal: (scene) => {
      times.healMs = sharedMs()
      return fault.heal(scene)
    },
  }
}
