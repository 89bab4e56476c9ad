import { systemClock } from '@hotspare/core'
import type { Algorithm, Candidate, Candidates, Chooser, ChooseContext, Hash64 } from './algorithm.ts'
import { createKeyHash, type Key } from './key-hash.ts'

/** A candidate whose load a test may change. */
export interface Member extends Candidate {
  active: number
}

/** `host-0`, `host-1`, ... with these weights. */
export function membersOf(weights: readonly number[]): Member[] {
  return weights.map((weight, index) => ({ id: `host-${index}`, index, weight, active: 0 }))
}

export function evenMembers(count: number): Member[] {
  return membersOf(Array.from({ length: count }, () => 1))
}

/** The same targets at other places of the pool. */
export function inOrder(members: readonly Member[], order: readonly number[]): Member[] {
  return order.map((place, index) => ({ ...members[place]!, index }))
}

/** All but those with the ids in `out`. */
export function candidatesOf(members: readonly Member[], out: ReadonlySet<string> = new Set()): Candidates<Member> {
  const within = members.filter(({ id }) => !out.has(id))
  const byIndex = new Map(within.map((member) => [member.index, member]))
  return { members: within, at: (index) => byIndex.get(index), ramping: false }
}

export function started(algorithm: Algorithm, members: readonly Member[]): Chooser {
  const size = members.reduce((highest, { index }) => Math.max(highest, index + 1), 0)
  const chooser = algorithm.start(size, { clock: systemClock })
  chooser.prepare?.(members)
  return chooser
}

export function hashOf(key: Key): Hash64 {
  const hash = { high: 0, low: 0 }
  createKeyHash()(key, hash)
  return hash
}

/** Hashes of `key-0`, `key-1`, ... */
export function keyHashes(count: number): Hash64[] {
  const write = createKeyHash()
  return Array.from({ length: count }, (_, number) => {
    const hash = { high: 0, low: 0 }
    write(`key-${number}`, hash)
    return hash
  })
}

/** Where each key goes: an id, or '-' for nowhere. */
export function placesOf(
  chooser: Chooser,
  candidates: Candidates<Member>,
  hashes: readonly Hash64[],
  exclude?: ChooseContext['exclude'],
): string[] {
  return hashes.map((hash) => chooser.choose(candidates, { hash, exclude })?.id ?? '-')
}

export function countById(places: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1)
  return counts
}

/** Pearson's statistic against the shares that the weights ask for. */
export function chiSquared(counts: ReadonlyMap<string, number>, members: readonly Member[]): number {
  const keys = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const total = members.reduce((sum, { weight }) => sum + weight, 0)
  return members.reduce((sum, { id, weight }) => {
    const expected = (keys * weight) / total
    return sum + ((counts.get(id) ?? 0) - expected) ** 2 / expected
  }, 0)
}
