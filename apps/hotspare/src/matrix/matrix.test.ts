import { describe, expect, it } from 'vitest'
import { type Failure, failureId } from './failure.ts'
import { forecastsOf } from './forecasts.ts'
import { jobsOf } from './jobs.ts'
import { makeMatrix } from './matrix.ts'
import { configOf, fileOf, type Reference, references } from './reference.fixture.ts'
import { contradictions } from './sighting.ts'
import { runJob } from './worker.ts'

/** Of a bound; what stays below it has to say why. */
const LOOSE_SHARE = 0.4
/** Fewer moments than this do not come close to anything. */
const FEW_RUNS = 3

const held: readonly [name: string, phases: number, kinds: readonly Failure['kind'][]][] = [
  ['release, etcd', 5, ['power', 'guard-stopped', 'service-dead']],
  ['release, etcd', 2, ['freeze', 'guard-killed', 'arbiter-cut', 'isolated', 'arbiter-dead', 'arbiter-slow', 'control-killed']],
  ['keep, etcd', 2, ['power', 'freeze', 'guard-stopped', 'guard-killed', 'peers-cut', 'isolated', 'link-cut', 'arbiter-dead']],
  ['keep, no arbiter', 4, ['power', 'freeze', 'service-dead', 'isolated', 'link-cut', 'one-way-cut']],
  ['keep, no arbiter, three members', 2, ['power', 'peers-cut', 'link-cut']],
  ['release, etcd, three members', 3, ['power', 'guard-killed', 'hotspare-dead']],
  ['release, quick', 5, ['power', 'service-dead', 'hotspare-dead']],
  ['keep, fast after a failure', 4, ['service-dead']],
  ['keep, slow', 3, ['power', 'service-dead', 'peers-cut']],
]

describe('the simulator stays within what is foretold, and comes close to it', () => {
  it.each(held)('%s, %i moments each: %s', { timeout: 120_000 }, async (name, phases, kinds) => {
    const { rows } = await makeMatrix(await configOf(fileOf(references[name] ?? {})), { phases, kinds, threads: 0 })
    expect(
      rows.flatMap(({ refutations, failure }) => refutations.map(({ seed, what }) => `${failureId(failure)}, seed ${seed}: ${what}`)),
    ).toEqual([])
    const loose = rows
      .filter(({ seen }) => (seen?.runs ?? 0) >= FEW_RUNS)
      .flatMap(({ outage, noticed, seen, failure }) => [
        ...(outage.type === 'bounded' && outage.slack === undefined && (seen?.unservedMs ?? 0) < LOOSE_SHARE * outage.atMostMs
          ? [`${failureId(failure)}: nobody served for ${seen?.unservedMs} of ${outage.atMostMs} ms`]
          : []),
        ...(noticed && noticed.slack === undefined && seen?.noticedMs !== undefined && seen.noticedMs < LOOSE_SHARE * noticed.atMostMs
          ? [`${failureId(failure)}: noticed after ${seen.noticedMs} of ${noticed.atMostMs} ms`]
          : []),
      ])
    expect(loose).toEqual([])
    expect(rows.every(({ seen }) => seen && seen.runs > 0)).toBe(true)
  })
})

async function refuted(reference: Reference, kind: Failure['kind'], share: number): Promise<readonly string[]> {
  const config = await configOf(fileOf(reference))
  const forecasts = forecastsOf(config).filter(({ failure, role }) => failure.kind === kind && role === 'active')
  const found: string[] = []
  for (const job of jobsOf(config, forecasts, 4)) {
    for (const sighting of await runJob(job)) {
      for (const forecast of forecasts) {
        const { outage } = forecast
        const less = outage.type === 'bounded' ? { ...outage, atMostMs: outage.atMostMs * share } : outage
        found.push(...contradictions({ ...forecast, outage: less }, 'web-1', sighting))
      }
    }
  }
  return found
}

describe('a bound that is too short', () => {
  it.each<[Failure['kind'], Reference]>([
    ['power', { onControlLoss: 'release' }],
    ['service-dead', {}],
  ])('of %s is found out', async (kind, reference) => {
    expect(await refuted(reference, kind, 1)).toEqual([])
    expect((await refuted(reference, kind, 0.5)).join('; ')).toMatch(/nobody served for .* was foretold/)
  })
})

describe('the runs', () => {
  it('of a disk that hangs, and of a service that nobody can look at from outside, are none: nothing is pretended', async () => {
    const disk = await makeMatrix(await configOf(fileOf()), { kinds: ['disk-stuck'] })
    expect(disk).toMatchObject({ runs: 0, rows: [{ seen: undefined }, { seen: undefined }] })
    const blind = await configOf(fileOf({ check: '{ type: exec, file: /usr/bin/true }' }))
    expect(await makeMatrix(blind, { kinds: ['power'] })).toMatchObject({
      runs: 0,
      rows: [],
      leftOut: [{ service: 'shop', because: expect.stringContaining('no other member can see') }],
    })
  })

  it('are none of a service that has no address, and whoever waits for it does not wait here', async () => {
    const { cluster, services } = await configOf(fileOf())
    const [shop] = services
    if (!shop) throw new Error('it has no service')
    const app = { ...shop, name: 'app', after: ['shop'] }
    const matrix = await makeMatrix({ cluster, services: [{ ...shop, resources: [] }, app] }, { kinds: ['power'], phases: 1, threads: 0 })
    expect(matrix.leftOut).toMatchObject([{ service: 'shop', because: expect.stringContaining('nothing of it is an address') }])
    expect(matrix.rows.flatMap(({ service, refutations }) => [service, ...refutations.map(({ what }) => what)])).toEqual(['app', 'app'])
  })

  it('end with the reason of the signal', async () => {
    const file = await configOf(fileOf())
    await expect(makeMatrix(file, { kinds: ['power'], threads: 0, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
    await expect(makeMatrix(file, { kinds: ['power'], threads: 1, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    )
  })

  it('show the same in two threads as in none, and tell how far they are', { timeout: 120_000 }, async () => {
    const file = await configOf(fileOf())
    const told: string[] = []
    const options = { kinds: ['service-dead'], phases: 2 } as const
    const alone = await makeMatrix(file, { ...options, threads: 0, progress: (done, all) => told.push(`${done}/${all}`) })
    expect(told).toEqual(['1/3', '2/3', '3/3'])
    expect(await makeMatrix(file, { ...options, threads: 2 })).toEqual(alone)
  })

  it('are fewer for a large file, and never none', async () => {
    const members = Array.from({ length: 8 }, (_, index) => `n${index}`)
    const file = await configOf(fileOf({ members }))
    const forecasts = forecastsOf(file)
    const least = jobsOf(file, forecasts, 1).length
    const most = jobsOf(file, forecasts, 1_000).length
    expect(most).toBeGreaterThanOrEqual(least)
    expect(most).toBeLessThan(20 * least)
  })

  it('hold no secret', async () => {
    const file = await configOf(fileOf())
    expect(JSON.stringify(jobsOf(file, forecastsOf(file), 1))).not.toContain('swordfish')
  })
})
