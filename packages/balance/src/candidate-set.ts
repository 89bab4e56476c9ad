import type { Candidate, Candidates } from './algorithm.ts'

/** Whether any target of a pool is on its way back to its full weight. */
export interface RampingState {
  readonly active: boolean
}

/** Who of a level may be chosen now: a target that is full leaves, and takes its place again when it has room. */
export class CandidateSet<Member extends Candidate> implements Candidates<Member> {
  readonly #pool: readonly Member[]
  readonly #ramps: RampingState
  readonly #present: Uint8Array
  readonly #members: Member[]

  /**
   * @param pool all targets of the pool, each at its index
   * @param members in the order of their index
   */
  constructor(pool: readonly Member[], members: readonly Member[], ramps: RampingState) {
    this.#pool = pool
    this.#ramps = ramps
    this.#members = [...members]
    this.#present = new Uint8Array(pool.length)
    for (const { index } of members) this.#present[index] = 1
  }

  get members(): readonly Member[] {
    return this.#members
  }

  get ramping(): boolean {
    return this.#ramps.active
  }

  at(index: number): Member | undefined {
    return this.#present[index] === 1 ? this.#pool[index] : undefined
  }

  leave({ index }: Member): void {
    if (this.#present[index] !== 1) return
    this.#present[index] = 0
    this.#members.splice(this.#placeOf(index), 1)
  }

  enter(member: Member): void {
    if (this.#present[member.index] !== 0) return
    this.#present[member.index] = 1
    this.#members.splice(this.#placeOf(member.index), 0, member)
  }

  /** @returns where the target with this index stands, or would stand */
  #placeOf(index: number): number {
    let low = 0
    let high = this.#members.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#members[middle]!.index < index) low = middle + 1
      else high = middle
    }
    return low
  }
}
