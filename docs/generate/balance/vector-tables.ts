import { isDeepStrictEqual } from 'node:util'
import {
  type Algorithm,
  boundedLoadSlots,
  createPeakAverage,
  edf,
  envoyRing,
  jumpHash,
  ketamaRing,
  leastRequest,
  maglevTable,
  priorityLoads,
  ringLookup,
  slowStartWeight,
  smoothWeightedRoundRobin,
  subset,
  xxh64,
} from '@hotspare/balance'
import { code, table } from '../markdown.ts'
import { letters, picksOf, upPool } from './picks.ts'
import { zoneShares } from './around-pictures.ts'
import { type Vectors, vectors } from './vectors.ts'

type Row = readonly string[]

interface Shown {
  readonly heads: readonly string[]
  readonly rows: readonly Row[]
}

/** How the vectors of each function are shown. Each computes what it shows, and fails where it is not what was published. */
const shown: { readonly [Name in keyof Vectors]: (cases: Vectors[Name]) => Shown } = {
  smoothWeightedRoundRobin: (cases) => ({
    heads: ['Weights', 'Picks'],
    rows: cases.map(({ source, weights, picks }) => {
      const next = smoothWeightedRoundRobin(weights)
      const made = picks.map(() => next())
      return [weights.join(', '), same(source, made, picks).map(letter).join(' ')]
    }),
  }),
  edf: (cases) => ordered(cases, edf()),
  leastRequest: (cases) => ordered(cases, leastRequest()),
  peakAverage: (cases) => ({
    heads: ['`decayMs`', 'Samples', 'Value after the last'],
    rows: cases.map(({ source, decayMs, samples, result }) => {
      const average = createPeakAverage({ decayMs })
      for (const { value, atMs } of samples) average.add(value, atMs)
      const last = average.at(Math.max(...samples.map(({ atMs }) => atMs)))
      const told = samples.map(({ value, atMs }) => `${value} at ${atMs / 1_000} s`).join(', ')
      return [String(decayMs), told, String(close(source, last, result))]
    }),
  }),
  xxh64: (cases) => ({
    heads: ['Input', 'XXH64, seed 0'],
    rows: cases.flatMap(({ source, cases: each }) =>
      each.map(({ input, seed, hash }) => [
        input === '' ? '(empty)' : code(input),
        code(same(source, String(xxh64(input, BigInt(seed))), hash)),
      ]),
    ),
  }),
  envoyRing: (cases) => {
    const rings = cases.map(({ source, hosts, weights, minimumRingSize, maximumRingSize, points, lookups }) => {
      const ring = envoyRing(hostsOf(hosts, weights), { minimumRingSize, maximumRingSize })
      same(
        source,
        ring.map(({ hash, index }) => [String(hash), index]),
        points,
      )
      for (const { hash, index } of lookups) same(source, ringLookup(ring, BigInt(hash)), index)
      return { hosts, points, lookups }
    })
    const { hosts = [], points = [], lookups = [] } = rings[0] ?? {}
    const rows = points.map(([hash, index]): Row => ['point', code(hash), code(hosts[index] ?? '')])
    const looked = lookups.map(({ hash, index }): Row => ['look-up', code(hash), code(hosts[index] ?? '')])
    return { heads: ['', 'Hash', 'Host'], rows: [...rows, ...looked] }
  },
  ketamaRing: (cases) => ({
    heads: ['Hosts', 'Points', 'Each'],
    rows: cases.map(({ source, hosts, pointsPerHost }) => {
      const ring = ketamaRing(hostsOf(hosts))
      const counts = hosts.map((_, host) => ring.filter(({ index }) => index === host).length)
      same(
        source,
        counts,
        hosts.map(() => pointsPerHost),
      )
      return [hosts.map(code).join(', '), String(ring.length), String(pointsPerHost)]
    }),
  }),
  maglevTable: (cases) => ({
    heads: ['Slots', 'Hosts', 'Table'],
    rows: cases.map(({ source, size, hosts, weights, table: published }) => {
      const made = same(source, [...maglevTable(hostsOf(hosts, weights), { size })], published)
      const named = hosts.map((host, index) => `${host}${weights ? ` (weight ${weights[index]})` : ''}`)
      return [String(size), named.join(', '), made.join(' ')]
    }),
  }),
  jumpHash: (cases) => ({
    heads: ['Buckets', 'Keys', 'Bucket of each'],
    rows: cases.map(({ source, buckets, keys, results }) => {
      const made = keys.map((key) => jumpHash(BigInt(key), buckets))
      return [String(buckets), keys.join(', '), same(source, made, results).join(', ')]
    }),
  }),
  boundedLoadSlots: (cases) => ({
    heads: ['Served now', 'Factor', 'Weights', 'Slots of each'],
    rows: cases.map(({ source, weights, served, factorPercent, slots }) => {
      const made = boundedLoadSlots({ weights, served, factorPercent })
      return [String(served), `${factorPercent} %`, weights.join(', '), same(source, made, slots).join(', ')]
    }),
  }),
  subset: (cases) => ({
    heads: ['Seed', 'Hosts that are taken, best first'],
    rows: cases.flatMap(({ hosts, seeds, size }) =>
      seeds.map((seed) => [
        code(seed),
        subset(hostsOf(hosts), { size, seed: BigInt(seed) })
          .map((place) => code(hosts[place] ?? ''))
          .join(', '),
      ]),
    ),
  }),
  priorityLoads: (cases) => ({
    heads: ['Healthy of each tier', 'Degraded', 'Loads, %', 'Degraded loads, %', 'Panic'],
    rows: cases.map(({ source, levels, healthy, degraded, panic }) => {
      same(source, priorityLoads(levels), { healthy, degraded, panic })
      const some = levels.some((level) => (level.degraded ?? 0) > 0)
      return [
        levels.map((level) => `${level.healthy} of ${level.hosts}`).join(', '),
        some ? levels.map((level) => level.degraded ?? 0).join(', ') : '',
        healthy.join(', '),
        some ? degraded.join(', ') : '',
        panic.map((each) => (each ? 'yes' : 'no')).join(', '),
      ]
    }),
  }),
  localityLoads: (cases) => ({
    heads: ['Weights of x and y', 'Available of x and y, %', 'Share of x, %'],
    rows: cases.map(({ source, weights: [x = 1, y = 1], availablePercent, firstPercent }) => {
      const counted = zoneShares({ x, y }, 4, 3_000).find(([out]) => out === 100 - (availablePercent[0] ?? 0))?.[1] ?? Number.NaN
      return [`${x}, ${y}`, availablePercent.join(', '), String(same(source, Math.round(counted), firstPercent))]
    }),
  }),
  slowStartWeight: (cases) => ({
    heads: ['Window', 'Elapsed', '`aggression`', '`minimumRatio`', 'Weight of 1'],
    rows: cases.map(({ source, result, ...input }) => {
      const made = Math.round(slowStartWeight(input) * 1_000) / 1_000
      const seconds = [input.windowMs, input.elapsedMs].map((ms) => `${ms / 1_000} s`)
      return [...seconds, String(input.aggression), String(input.minimumRatio), String(close(source, made, result))]
    }),
  }),
}

/**
 * The published vectors of a function, with where they come from.
 *
 * @throws where the function gives anything else
 */
export function vectorTable<Name extends keyof Vectors>(name: Name, cases: Vectors[Name] = vectors[name]): string {
  const { heads, rows } = shown[name](cases)
  const sources = sourcesOf(cases.map(({ source }) => source)).map((source) => `- ${linked(source)}`)
  return [sources.join('\n'), table(heads, rows)].join('\n\n')
}

/** Sources that begin with the same address become one, with what each says behind it. */
function sourcesOf(sources: readonly string[]): readonly string[] {
  const byStart = new Map<string, Set<string>>()
  for (const source of sources) {
    const [, start = source, rest = ''] = /^(https:\S+) \((.*)\)$/.exec(source) ?? []
    byStart.set(start, (byStart.get(start) ?? new Set<string>()).add(rest))
  }
  return [...byStart].map(([start, rests]) => {
    const told = [...rests].filter((rest) => rest !== '')
    return told.length === 0 ? start : `${start} (${told.join('; ')})`
  })
}

/** A source with its address as a link, named by what comes last in it. */
export function linked(source: string): string {
  return source.replaceAll(/https:\/\/[^\s,)]*[^\s,).:]/g, (address) => {
    const { hostname, pathname } = new URL(address)
    const words = pathname.split('/').filter((part) => part !== '')
    if (hostname === 'github.com' && words.length === 2) return `[${words.join('/')}](${address})`
    const repository = hostname === 'github.com' ? `${words.slice(0, 2).join('/')}: ` : `${hostname}: `
    const last = words.at(-1) ?? ''
    return `[${repository}${/^[\da-f]{40}$/.test(last) ? `commit ${last.slice(0, 12)}` : last}](${address})`
  })
}

function ordered(cases: Vectors['edf'], algorithm: Algorithm): Shown {
  return {
    heads: ['Weights', 'Picks'],
    rows: cases.map(({ source, weights, picks }) => {
      const ids = letters(weights.length)
      const pool = upPool({ targets: ids.map((id, index) => ({ id, weight: weights[index] })), algorithm })
      return [
        weights.join(', '),
        same(source, picksOf(pool, ids, picks.length), picks)
          .map(letter)
          .join(' '),
      ]
    }),
  }
}

function hostsOf(hosts: readonly string[], weights?: readonly number[]): { key: string; weight?: number | undefined }[] {
  return hosts.map((key, index) => ({ key, weight: weights?.[index] }))
}

function letter(index: number): string {
  return letters(index + 1).at(-1) ?? ''
}

function same<Value>(source: string, made: Value, published: Value): Value {
  if (isDeepStrictEqual(made, published)) return made
  throw new Error(`not what was published by ${source}: ${JSON.stringify(made)} in place of ${JSON.stringify(published)}`)
}

/** As many digits as were published. */
function close(source: string, made: number, published: number): number {
  if (Math.abs(made - published) > 1e-12) same(source, made, published)
  return published
}
