import { seededRandom } from '@hotspare/core'

/**
 * Some of many, by weight: the same ones for the same round, and over many rounds each in proportion to its weight. Without state, and
 * little changes when one comes or goes: every candidate draws a number of its own, from its name and the round (weighted rendezvous
 * hashing: Schindelhauer and Schomaker, 2005). Pure.
 *
 * @param most how many, at least one
 */
export function pickByWeight<T extends { readonly id: string }>(
  candidates: readonly T[],
  { most, round, weightOf }: { readonly most: number; readonly round: number; readonly weightOf: (candidate: T) => number },
): readonly T[] {
  const drawn = candidates.map((candidate) => ({
    candidate,
    score: -Math.log(draw(candidate.id, round)) / (weightOf(candidate) || Number.MIN_VALUE),
  }))
  return drawn
    .toSorted((one, other) => one.score - other.score)
    .slice(0, Math.max(1, most))
    .map(({ candidate }) => candidate)
}

/** A number above 0 and up to 1 that belongs to a name and a round. */
function draw(id: string, round: number): number {
  // FNV-1a: a few letters that differ become seeds that differ.
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(`${round} ${id}`, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193)
  return 1 - seededRandom(hash).next()
}
