import type { ChooseContext, Chooser } from './algorithm.ts'
import type { CandidateSet } from './candidate-set.ts'
import { isLastResort, type Rank } from './eligibility.ts'
import { isFull, type Member } from './member.ts'
import { positionForZone, type Shares } from './shares.ts'
import type { PickReason } from './target.ts'

/** Candidates that one chooser chooses among. */
export interface Place<Target> {
  /** Undefined where there is nobody. */
  readonly chooser: Chooser | undefined
  readonly set: CandidateSet<Member<Target>>
}

/** Targets of equal preference, ready to be picked from: by zones, where the pool has those. */
export class Level<Target> {
  readonly tier: number
  /** Undefined where the tier is in panic and uses all that it has. */
  readonly rank: Rank | undefined
  readonly reason: PickReason
  readonly isLastResort: boolean
  /** Those that are full included. */
  readonly members: readonly Member<Target>[]
  readonly #places: readonly Place<Target>[]
  readonly #zones: Shares | undefined

  /** @param zones how picks divide over the places; undefined where there is one */
  constructor(
    group: { tier: number; rank: Rank | undefined; reason: PickReason; members: readonly Member<Target>[] },
    places: readonly Place<Target>[],
    zones: Shares | undefined,
  ) {
    this.tier = group.tier
    this.rank = group.rank
    this.reason = group.reason
    this.isLastResort = group.rank !== undefined && isLastResort(group.rank)
    this.members = group.members
    this.#places = places
    this.#zones = zones
    for (const { set } of places) {
      for (const member of set.members) member.sets.push(set)
      for (const member of set.members.filter(isFull)) set.leave(member)
    }
  }

  /** @returns undefined where all are excluded or full */
  choose(context: ChooseContext): Member<Target> | undefined {
    const zones = this.#zones
    if (!zones) return chooseFrom(this.#places[0], context)
    const turn = context.hash ? zones.of(positionForZone(context.hash)) : zones.next()
    const chosen = chooseFrom(this.#places[turn], context)
    if (chosen) return chosen
    for (let part = 0; part < this.#places.length; part++) {
      const other = part === turn ? undefined : chooseFrom(this.#places[part], context)
      if (other) return other
    }
    return undefined
  }
}

function chooseFrom<Target>(place: Place<Target> | undefined, context: ChooseContext): Member<Target> | undefined {
  return place?.chooser?.choose(place.set, context)
}
