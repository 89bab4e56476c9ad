import type { Candidate } from './algorithm.ts'

export function haveEqualWeights(members: readonly Candidate[]): boolean {
  const first = members[0]?.weight
  return members.every(({ weight }) => weight === first)
}
