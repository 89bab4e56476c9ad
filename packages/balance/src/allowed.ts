import type { Candidate, Candidates, ChooseContext } from './algorithm.ts'

/** @returns the member with this index, where it may be chosen for this request */
export function allowed<Member extends Candidate>(
  candidates: Candidates<Member>,
  index: number,
  { exclude }: ChooseContext,
): Member | undefined {
  const member = candidates.at(index)
  return member === undefined || exclude?.has(member.id) ? undefined : member
}

/** @returns the first who may be chosen for this request; undefined where nobody may */
export function firstAllowed<Member extends Candidate>({ members }: Candidates<Member>, { exclude }: ChooseContext): Member | undefined {
  for (const member of members) if (!exclude?.has(member.id)) return member
  return undefined
}
