import { CandidateSet, type RampingState } from './candidate-set.ts'
import type { Choosers } from './choosers.ts'
import { type Group, groupsByPreference, type Rank } from './eligibility.ts'
import { Level, type Place } from './level.ts'
import type { Member } from './member.ts'
import { Shares } from './shares.ts'
import type { PickReason } from './target.ts'
import { type ZoneWeights, zoneWeight } from './zones.ts'

export interface LevelsOptions {
  readonly panic: boolean
  readonly zoneWeights: ZoneWeights
  /** In their order; none where the pool does not look at zones. */
  readonly zones: readonly string[]
  readonly overprovisioningFactor: number
}

/** Turns the states of a pool's targets into levels to pick from. */
export class Levels<Target> {
  readonly #members: readonly Member<Target>[]
  readonly #choosers: Choosers
  readonly #ramps: RampingState
  readonly #options: LevelsOptions
  /** The order of turns within a level goes on where the level comes back. */
  readonly #turns = new Map<string, Shares>()

  constructor(members: readonly Member<Target>[], choosers: Choosers, ramps: RampingState, options: LevelsOptions) {
    this.#members = members
    this.#choosers = choosers
    this.#ramps = ramps
    this.#options = options
  }

  /** @returns the levels by preference, the best first; all earlier ones are worth nothing from now on */
  build(): Level<Target>[] {
    for (const member of this.#members) member.sets.length = 0
    return groupsByPreference(this.#members, this.#options.panic).map((group: Group<Member<Target>>) => this.#level(group))
  }

  /** @returns all of a tier, whatever their health, but for those who may never be picked; undefined where that is nobody */
  panicking(tier: number): Level<Target> | undefined {
    const members = this.#members.filter(
      ({ tier: its, state, weight }) => its === tier && weight > 0 && state !== 'draining' && state !== 'maintenance',
    )
    return members.length === 0 ? undefined : this.#level({ tier, rank: undefined, reason: 'panic', members })
  }

  #level(group: { tier: number; rank: Rank | undefined; reason: PickReason; members: readonly Member<Target>[] }): Level<Target> {
    const { zones } = this.#options
    if (zones.length === 0) return new Level(group, [this.#place(group.members)], undefined)
    const parts = zones.map((zone) => group.members.filter((member) => member.zone === zone))
    const key = `${group.tier}/${group.rank ?? 'all'}`
    const turns = this.#turns.get(key) ?? new Shares(zones.length)
    this.#turns.set(key, turns)
    turns.set(zones.map((zone, place) => this.#weightOf(zone, group.tier, parts[place]!.length)))
    return new Level(
      group,
      parts.map((members) => this.#place(members)),
      turns,
    )
  }

  #place(members: readonly Member<Target>[]): Place<Target> {
    const [first] = members
    return { chooser: first && this.#choosers.of(first), set: new CandidateSet(this.#members, members, this.#ramps) }
  }

  #weightOf(zone: string, tier: number, available: number): number {
    const { zoneWeights, overprovisioningFactor } = this.#options
    const total = this.#members.filter((member) => member.tier === tier && member.zone === zone && member.weight > 0).length
    return zoneWeight(zoneWeights[zone] ?? 0, available, total, overprovisioningFactor)
  }
}
