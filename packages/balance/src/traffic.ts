import type { Hash64 } from './algorithm.ts'
import { type Failback, isUnderWay, loadOf, turnTo } from './failback.ts'
import type { Level } from './level.ts'
import type { Levels } from './levels.ts'
import { isAway, type Member } from './member.ts'
import type { PriorityLoadsOptions } from './priority-loads.ts'
import { positionForTier, Shares } from './shares.ts'
import { type Ramp, slowStartRatio } from './slow-start.ts'
import { spreadOver } from './spread.ts'

export interface TrafficShare<Target> {
  readonly level: Level<Target>
  /** Of the first attempts. */
  readonly percent: number
  /** Whether it is taking traffic back. */
  readonly takesBack: boolean
}

/** Where first attempts go: how they divide over the levels, also while a tier is taking its traffic back. */
export class Traffic<Target> {
  readonly #members: readonly Member<Target>[]
  readonly #levels: Levels<Target>
  readonly #tiers: readonly number[]
  readonly #options: PriorityLoadsOptions
  readonly #ramp: Ramp | undefined
  readonly #proven: boolean[]
  readonly #shares: Shares
  readonly #percents: Float64Array
  #best: Level<Target> | undefined
  #slots: readonly (Level<Target> | undefined)[] = []
  #failback: Failback
  #ratio = 1

  /** @param ramp undefined: a tier takes its traffic back at once */
  constructor(members: readonly Member<Target>[], levels: Levels<Target>, options: PriorityLoadsOptions, ramp: Ramp | undefined) {
    this.#members = members
    this.#levels = levels
    this.#tiers = [...new Set(members.map(({ tier }) => tier))].toSorted((a, b) => a - b)
    this.#options = options
    this.#ramp = ramp
    const none = [...this.#tiers, ...this.#tiers].map(() => 0)
    this.#proven = this.#tiers.map(() => false)
    this.#shares = new Shares(none.length)
    this.#percents = Float64Array.from(none)
    this.#failback = { loads: none, kept: none, startMs: 0 }
  }

  /**
   * To be told after each change of a target.
   *
   * @param order all levels, the best first
   */
  rearrange(order: readonly Level<Target>[], nowMs: number): void {
    const { loads, panic } = spreadOver(this.#tiers, this.#members, this.#options)
    const all = this.#tiers.map((tier, place) => (panic[place] ? this.#levels.panicking(tier) : undefined))
    const find = (tier: number, rank: 'up' | 'degraded') => order.find((level) => level.tier === tier && level.rank === rank)
    this.#best = order[0]
    this.#slots = (['up', 'degraded'] as const).flatMap((rank) => this.#tiers.map((tier, place) => all[place] ?? find(tier, rank)))
    for (const member of this.#members) if (isAway(member)) this.#proven[this.#tiers.indexOf(member.tier)] = true
    this.#turn(loads, nowMs)
  }

  #turn(loads: readonly number[], nowMs: number): void {
    const before = this.#failback
    const serves = this.#slots.map((level) => level !== undefined)
    const input = { loads, serves, proven: [...this.#proven, ...this.#proven] }
    this.#failback = this.#ramp
      ? turnTo(before, ratioOf(this.#ramp, before, nowMs), input, nowMs)
      : { loads, kept: loads.map(() => 0), startMs: nowMs }
    for (const [slot, load] of loads.entries()) if (load > 0 && serves[slot]) this.#proven[slot % this.#tiers.length] = true
    if (this.#failback === before) return
    this.#computePercents(nowMs)
    this.#shares.set(this.#percents)
  }

  /** Whether the shares move with time. */
  get moves(): boolean {
    return this.#ratio < 1
  }

  refresh(nowMs: number): void {
    if (!this.moves) return
    this.#computePercents(nowMs)
    this.#shares.adjust(this.#percents)
  }

  /** @returns the slot whose turn it is, or that the key belongs to */
  next(hash: Hash64 | undefined): number {
    return hash ? this.#shares.of(positionForTier(hash)) : this.#shares.next()
  }

  /** @returns undefined where the slot has nobody to serve */
  levelAt(slot: number): Level<Target> | undefined {
    return this.#slots[slot]
  }

  /** @returns how far a tier is with taking its traffic back; 1 where it is not doing so */
  ratioAt(slot: number): number {
    return this.#failback.kept[slot]! < 0 ? this.#ratio : 1
  }

  /** The levels that get first attempts, the most preferred first; none where nobody can be picked. */
  shares(): TrafficShare<Target>[] {
    const shares = this.#slots.flatMap((level, slot) => {
      const percent = this.#percents[slot]!
      return level && percent > 0 ? [{ level, percent, takesBack: this.ratioAt(slot) < 1 }] : []
    })
    return shares.length === 0 && this.#best ? [{ level: this.#best, percent: 100, takesBack: false }] : shares
  }

  #computePercents(nowMs: number): void {
    this.#ratio = this.#ramp ? ratioOf(this.#ramp, this.#failback, nowMs) : 1
    for (let slot = 0; slot < this.#percents.length; slot++) this.#percents[slot] = loadOf(this.#failback, slot, this.#ratio)
  }
}

/** @returns how much of what was kept has moved by now */
function ratioOf(ramp: Ramp, failback: Failback, nowMs: number): number {
  return isUnderWay(failback) ? slowStartRatio(ramp, nowMs - failback.startMs) : 1
}
