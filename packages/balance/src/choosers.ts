import type { Algorithm, Chooser, ChooserMeans } from './algorithm.ts'
import type { Member } from './member.ts'

/** The algorithm's state for each part of a pool: a tier, or a zone of a tier. It lives as long as the pool, whatever the health. */
export class Choosers {
  readonly #members: readonly Member[]
  readonly #parts = new Map<string, Chooser>()

  constructor(algorithm: Algorithm, members: readonly Member[], means: ChooserMeans) {
    this.#members = members
    for (const member of members) {
      const part = partOf(member)
      if (!this.#parts.has(part)) this.#parts.set(part, algorithm.start(members.length, means))
    }
    for (const part of this.#parts.keys()) this.#prepare(part)
  }

  of(member: Member): Chooser {
    const chooser = this.#parts.get(partOf(member))
    if (!chooser) throw new TypeError('a member of another pool')
    return chooser
  }

  weightChanged(member: Member): void {
    this.#prepare(partOf(member))
  }

  #prepare(part: string): void {
    const chooser = this.#parts.get(part)
    if (!chooser?.prepare) return
    chooser.prepare(
      this.#members
        .filter((member) => partOf(member) === part && member.fullWeight > 0)
        .map(({ id, index, fullWeight, active }) => ({ id, index, weight: fullWeight, active })),
    )
  }
}

function partOf({ tier, zone }: Pick<Member, 'tier' | 'zone'>): string {
  return zone === undefined ? `${tier}` : `${tier}/${zone}`
}
