import type { Hash64 } from './algorithm.ts'
import { isLastResort, rankOf } from './eligibility.ts'
import { misuse } from './errors.ts'
import { createKeyHash, type Key } from './key-hash.ts'
import type { Level } from './level.ts'
import { isFull, type Member } from './member.ts'
import { slowStartReason } from './reasons.ts'
import type { PickContext, PickReason } from './target.ts'
import type { Traffic } from './traffic.ts'

/** Finds the target for a request: the one that it sticks to, by the spread, or the best that is left. Takes none. */
export class Picker<Target> {
  readonly #byId: ReadonlyMap<string, Member<Target>>
  readonly #traffic: Traffic<Target>
  readonly #keyed: boolean
  readonly #hashKey: (key: Key, out: { high: number; low: number }) => void = createKeyHash()
  #order: readonly Level<Target>[] = []
  // Kept between picks, so that one allocates nothing.
  readonly #hash = { high: 0, low: 0 }
  readonly #choice: { exclude: ReadonlySet<string> | undefined; hash: Hash64 | undefined } = { exclude: undefined, hash: undefined }
  #reason: PickReason = 'preferred'

  constructor(byId: ReadonlyMap<string, Member<Target>>, traffic: Traffic<Target>, keyed: boolean) {
    this.#byId = byId
    this.#traffic = traffic
    this.#keyed = keyed
  }

  /** Why the last target was found. */
  get reason(): PickReason {
    return this.#reason
  }

  /** @param order all levels, the best first */
  rearrange(order: readonly Level<Target>[]): void {
    // Where the better ones are full or were tried, the last resort is no remedy: its targets fail, or may hang.
    const better = order.filter(({ isLastResort: last }) => !last)
    this.#order = better.length > 0 ? better : order
  }

  /** @returns the best level that has a target with room; undefined where all are full */
  roomy(): Level<Target> | undefined {
    return this.#order.find(({ members }) => !members.every(isFull))
  }

  pick(context: PickContext | undefined): Member<Target> | undefined {
    this.#prepare(context?.key, context?.exclude)
    const stuck = context?.sticky === undefined ? undefined : this.#stuckTo(context.sticky)
    if (stuck) return stuck
    const first = this.#choice.exclude ? undefined : this.#bySpread()
    return first ?? this.#untriedOrAgain()
  }

  #prepare(key: Key | undefined, exclude: ReadonlySet<string> | undefined): void {
    if (exclude && typeof exclude.has !== 'function') throw misuse('exclude is no set: write new Set([...]) of the ids that were tried')
    this.#choice.exclude = exclude && exclude.size > 0 ? exclude : undefined
    this.#choice.hash = undefined
    if (!this.#keyed || key === undefined) return
    this.#hashKey(key, this.#hash)
    this.#choice.hash = this.#hash
  }

  #stuckTo(id: string): Member<Target> | undefined {
    const member = this.#byId.get(id)
    const rank = member && rankOf(member)
    if (!member || !rank || isLastResort(rank) || isFull(member) || this.#choice.exclude?.has(id)) return undefined
    this.#reason = 'sticky'
    return member
  }

  #bySpread(): Member<Target> | undefined {
    const slot = this.#traffic.next(this.#choice.hash)
    const level = this.#traffic.levelAt(slot)
    const member = level?.choose(this.#choice)
    if (!level || !member) return undefined
    const ratio = Math.min(this.#traffic.ratioAt(slot), member.rampRatio)
    this.#reason = level.reason === 'preferred' && ratio < 1 ? slowStartReason(ratio) : level.reason
    return member
  }

  #untriedOrAgain(): Member<Target> | undefined {
    const untried = this.#best()
    if (untried || !this.#choice.exclude) return untried
    this.#choice.exclude = undefined
    const repeated = this.#best()
    this.#reason = 'repeat'
    return repeated
  }

  #best(): Member<Target> | undefined {
    for (const level of this.#order) {
      const member = level.choose(this.#choice)
      if (!member) continue
      this.#reason = level.reason
      return member
    }
    return undefined
  }
}
