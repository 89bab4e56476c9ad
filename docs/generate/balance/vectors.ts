import { readSource } from '../sources.ts'

interface Sourced {
  readonly source: string
}

/** The vectors that ship with the package, as far as pages show them. */
export interface Vectors {
  readonly smoothWeightedRoundRobin: readonly (Sourced & { weights: number[]; picks: number[] })[]
  readonly edf: readonly (Sourced & { weights: number[]; picks: number[] })[]
  readonly leastRequest: readonly (Sourced & { weights: number[]; picks: number[] })[]
  readonly peakAverage: readonly (Sourced & { decayMs: number; samples: { value: number; atMs: number }[]; result: number })[]
  readonly xxh64: readonly (Sourced & { cases: { input: string; seed: string; hash: string }[] })[]
  readonly envoyRing: readonly (Sourced & {
    hosts: string[]
    weights?: number[] | undefined
    minimumRingSize: number
    maximumRingSize?: number | undefined
    points: [hash: string, index: number][]
    lookups: { hash: string; index: number }[]
  })[]
  readonly ketamaRing: readonly (Sourced & { hosts: string[]; pointsPerHost: number })[]
  readonly maglevTable: readonly (Sourced & { size: number; hosts: string[]; weights?: number[] | undefined; table: number[] })[]
  readonly jumpHash: readonly (Sourced & { buckets: number; keys: string[]; results: number[] })[]
  readonly boundedLoadSlots: readonly (Sourced & { weights: number[]; served: number; factorPercent: number; slots: number[] })[]
  readonly subset: readonly (Sourced & { hosts: string[]; seeds: string[]; size: number })[]
  readonly priorityLoads: readonly (Sourced & {
    levels: { hosts: number; healthy: number; degraded?: number | undefined }[]
    healthy: number[]
    degraded: number[]
    panic: boolean[]
  })[]
  readonly localityLoads: readonly (Sourced & { weights: number[]; availablePercent: number[]; firstPercent: number })[]
  readonly slowStartWeight: readonly (Sourced & {
    weight: number
    windowMs: number
    elapsedMs: number
    aggression: number
    minimumRatio: number
    result: number
  })[]
}

export const vectors: Vectors = JSON.parse(readSource('packages/balance/vectors.json').text) as Vectors
