import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { seededRandom } from '@hotspare/core'
import { describe, expect, test } from 'vitest'
import {
  type Algorithm,
  boundedLoadSlots,
  createPeakAverage,
  createPool,
  edf,
  envoyRing,
  jumpHash,
  ketamaRing,
  leastRequest,
  maglev,
  maglevTable,
  priorityLoads,
  ringHash,
  ringLookup,
  slowStartWeight,
  smoothWeightedRoundRobin,
  subset,
  successRateThreshold,
  xxh64,
} from './index.ts'
import { candidatesOf, hashOf, membersOf, started } from './keyed.fixture.ts'
import { referenceXxh64 } from './xxh64.fixture.ts'

interface Sourced {
  readonly source: string
}

interface Hosts extends Sourced {
  readonly hosts: readonly string[]
  readonly weights?: readonly number[]
}

/** Where a hash goes when these hosts were tried already. */
interface Choice {
  readonly hash: string
  readonly excluded: readonly number[]
  readonly index: number
}

interface RingSizes {
  readonly minimumRingSize: number
  readonly maximumRingSize?: number
}

interface Picks extends Sourced {
  readonly weights: readonly number[]
  readonly picks: readonly number[]
}

interface Vectors {
  readonly xxh64: readonly (Sourced & {
    readonly cases: readonly { readonly input: string; readonly seed: string; readonly hash: string }[]
  })[]
  readonly envoyRing: readonly (Hosts &
    RingSizes & {
      readonly points: readonly (readonly [hash: string, index: number])[]
      readonly lookups: readonly { readonly hash: string; readonly index: number }[]
      readonly choices: readonly Choice[]
    })[]
  readonly envoyRingSpread: readonly (Hosts &
    RingSizes & { readonly points: readonly number[]; readonly keys: number; readonly counts: readonly number[] })[]
  readonly ketamaRing: readonly (Hosts & { readonly pointsPerHost: number })[]
  readonly maglevTable: readonly (Hosts & {
    readonly size: number
    readonly table: readonly number[]
    readonly choices: readonly Choice[]
  })[]
  readonly jumpHash: readonly (Sourced & {
    readonly buckets: number
    readonly keys: readonly string[]
    readonly results: readonly number[]
  })[]
  readonly boundedLoadSlots: readonly (Sourced & {
    readonly weights: readonly number[]
    readonly served: number
    readonly factorPercent: number
    readonly slots: readonly number[]
  })[]
  readonly subset: readonly (Hosts & { readonly seeds: readonly string[]; readonly size: number })[]
  readonly priorityLoads: readonly (Sourced & {
    readonly levels: readonly { readonly hosts: number; readonly healthy: number; readonly degraded?: number }[]
    readonly healthy: readonly number[]
    readonly degraded: readonly number[]
    readonly panic: readonly boolean[]
  })[]
  readonly localityLoads: readonly (Sourced & {
    readonly overprovisioningFactor: number
    readonly weights: readonly [number, number]
    readonly availablePercent: readonly [number, number]
    readonly firstPercent: number
  })[]
  readonly slowStartWeight: readonly (Sourced & {
    readonly weight: number
    readonly windowMs: number
    readonly elapsedMs: number
    readonly aggression: number
    readonly minimumRatio: number
    readonly result: number
  })[]
  readonly smoothWeightedRoundRobin: readonly Picks[]
  readonly edf: readonly Picks[]
  readonly leastRequest: readonly (Picks & { readonly active: readonly number[] })[]
  readonly successRateThreshold: readonly (Sourced & {
    readonly ratesPercent: readonly number[]
    readonly stdevFactor: number
    readonly threshold: number
  })[]
  readonly peakAverage: readonly (Sourced & {
    readonly decayMs: number
    readonly samples: readonly { readonly value: number; readonly atMs: number }[]
    readonly result: number
  })[]
}

const vectors = JSON.parse(readFileSync(new URL('../vectors.json', import.meta.url), 'utf8')) as Vectors

function named({ hosts, weights }: Hosts): { key: string; weight: number }[] {
  return hosts.map((key, index) => ({ key, weight: weights?.[index] ?? 1 }))
}

function chosen(algorithm: Algorithm, hosts: Hosts, { hash, excluded }: Choice): number | undefined {
  const members = named(hosts).map(({ key, weight }, index) => ({ id: key, index, weight, active: 0 }))
  const exclude = new Set(excluded.map((index) => hosts.hosts[index]!))
  return started(algorithm, members).choose(candidatesOf(members), { hash: hashOf(BigInt(hash)), exclude })?.index
}

function picked(algorithm: Algorithm, weights: readonly number[], active: readonly number[], count: number): (number | undefined)[] {
  const members = membersOf(weights).map((member, index) => ({ ...member, active: active[index] ?? 0 }))
  const chooser = started(algorithm, members)
  return Array.from({ length: count }, () => chooser.choose(candidatesOf(members), {})?.index)
}

test('every vector names its source, and every group has some', () => {
  const { about, ...groups } = vectors as unknown as Record<string, unknown>
  expect(about).toBeTypeOf('string')
  for (const group of Object.values(groups) as (readonly Partial<Sourced>[])[]) {
    expect(group.length).toBeGreaterThan(0)
    for (const { source } of group) expect(source).toMatch(/.{20}/)
  }
})

describe('hashes', () => {
  test.each(vectors.xxh64)('xxh64 as in $source', ({ cases }) => {
    for (const { input, seed, hash } of cases) expect(xxh64(input, BigInt(seed))).toBe(BigInt(hash))
  })

  test.each(vectors.jumpHash)('jumpHash as in $source', ({ buckets, keys, results }) => {
    expect(keys.map((key) => jumpHash(BigInt(key), buckets))).toEqual(results)
  })
})

describe('rings and tables', () => {
  test.each(vectors.envoyRing)('envoyRing as in $source', (vector) => {
    const { minimumRingSize, maximumRingSize, points, lookups, choices } = vector
    const sizes = { minimumRingSize, maximumRingSize }
    const ring = envoyRing(named(vector), sizes)
    expect(ring).toEqual(points.map(([hash, index]) => ({ hash: BigInt(hash), index })))
    for (const { hash, index } of lookups) expect(ringLookup(ring, BigInt(hash))).toBe(index)
    for (const choice of choices) expect(chosen(ringHash(sizes), vector, choice)).toBe(choice.index)
  })

  test.each(vectors.envoyRingSpread)('envoyRing spreads keys as in $source', (vector) => {
    const { minimumRingSize, maximumRingSize, points, keys, counts } = vector
    const ring = envoyRing(named(vector), { minimumRingSize, maximumRingSize })
    const step = ((1n << 64n) - 1n) / BigInt(keys)
    const places = Array.from({ length: keys }, (_, key) => ringLookup(ring, BigInt(key) * step))
    const indexes = [...vector.hosts.keys()]
    expect(indexes.map((index) => ring.filter((point) => point.index === index).length)).toEqual(points)
    expect(indexes.map((index) => places.filter((place) => place === index).length)).toEqual(counts)
  })

  test.each(vectors.ketamaRing)('ketamaRing as in $source', (vector) => {
    const expected = vector.hosts.flatMap((key, index) =>
      Array.from({ length: vector.pointsPerHost }, (_, point) => {
        const digest = createHash('md5')
          .update(`${key}-${Math.floor(point / 4)}`)
          .digest()
        return { hash: BigInt(digest.readUInt32LE((point % 4) * 4)), index }
      }),
    )
    expect(ketamaRing(named(vector))).toEqual(expected.toSorted((a, b) => Number(a.hash - b.hash)))
  })

  test.each(vectors.maglevTable)('maglevTable as in $source', (vector) => {
    const { size, table, choices } = vector
    expect(Array.from(maglevTable(named(vector), { size }))).toEqual(table)
    for (const choice of choices) expect(chosen(maglev({ size }), vector, choice)).toBe(choice.index)
  })

  test.each(vectors.subset)('subset as in $source', (vector) => {
    for (const seed of vector.seeds.map(BigInt)) {
      const hashes = vector.hosts.map((key) => referenceXxh64(new TextEncoder().encode(key), seed))
      const order = [...hashes.keys()].toSorted((a, b) => (hashes[a]! < hashes[b]! ? -1 : 1))
      expect(subset(named(vector), { size: vector.size, seed })).toEqual(order.slice(0, vector.size))
    }
  })
})

describe('shares', () => {
  test.each(vectors.boundedLoadSlots)(
    'boundedLoadSlots for $weights and $served as in $source',
    ({ weights, served, factorPercent, slots }) => {
      expect(boundedLoadSlots({ weights, served, factorPercent })).toEqual(slots)
    },
  )

  test.each(vectors.priorityLoads)('priorityLoads of $levels as in $source', ({ levels, healthy, degraded, panic }) => {
    expect(priorityLoads(levels)).toEqual({ healthy, degraded, panic })
  })

  test.each(vectors.localityLoads)('a pool loads its zones at $availablePercent as in $source', (vector) => {
    const { overprovisioningFactor, weights, availablePercent, firstPercent } = vector
    const targets = (['x', 'y'] as const).flatMap((zone) => [`${zone}-0`, `${zone}-1`].map((id) => ({ id, zone })))
    const pool = createPool({ targets, overprovisioningFactor, zoneWeights: { x: weights[0], y: weights[1] } })
    for (const [index, { id }] of targets.entries()) {
      const share = availablePercent[index < 2 ? 0 : 1]
      pool.setState(id, (index % 2) * 50 < share ? 'up' : 'down')
    }
    const picks = Array.from({ length: 10_000 }, () => pool.pick()?.target.zone)
    expect(Math.round(picks.filter((zone) => zone === 'x').length / 100)).toBe(firstPercent)
  })

  test.each(vectors.slowStartWeight)('slowStartWeight after $elapsedMs ms as in $source', (vector) => {
    const { weight, elapsedMs, windowMs, aggression, minimumRatio, result } = vector
    expect(slowStartWeight({ weight, elapsedMs, windowMs, aggression, minimumRatio })).toBeCloseTo(result, 3)
  })
})

describe('orders', () => {
  test.each(vectors.smoothWeightedRoundRobin)('smoothWeightedRoundRobin of $weights as in $source', ({ weights, picks }) => {
    const next = smoothWeightedRoundRobin([...weights])
    expect(picks.map(() => next())).toEqual(picks)
  })

  test.each(vectors.edf)('edf of $weights as in $source', ({ weights, picks }) => {
    expect(picked(edf(), weights, [], picks.length)).toEqual(picks)
  })

  test.each(vectors.leastRequest)('leastRequest of $weights as in $source', ({ weights, active, picks }) => {
    expect(picked(leastRequest({ random: seededRandom(1) }), weights, active, picks.length)).toEqual(picks)
  })
})

describe('what is measured', () => {
  test.each(vectors.successRateThreshold)('successRateThreshold as in $source', ({ ratesPercent, stdevFactor, threshold }) => {
    expect(successRateThreshold([...ratesPercent], stdevFactor)).toBeCloseTo(threshold, 10)
  })

  test.each(vectors.peakAverage)('peak EWMA as in $source', ({ decayMs, samples, result }) => {
    const average = createPeakAverage({ decayMs })
    for (const { value, atMs } of samples) average.add(value, atMs)
    expect(average.at(samples[samples.length - 1]!.atMs)).toBeCloseTo(result, 15)
  })
})
