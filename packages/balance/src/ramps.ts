import type { RampingState } from './candidate-set.ts'
import { rankOf } from './eligibility.ts'
import { isAway, type Member } from './member.ts'
import { type Ramp, slowStartRatio } from './slow-start.ts'

/** A weight is above 0 to the last, whatever the curve: who has none is drained. */
const LEAST_RATIO = 1e-6

/** The targets that have come back and are on their way to their full weight. */
export class Ramps<Target> implements RampingState {
  readonly #ramp: Ramp | undefined
  readonly #ramping = new Set<Member<Target>>()

  /** @param ramp undefined: who comes back has its full weight at once */
  constructor(ramp: Ramp | undefined) {
    this.#ramp = ramp
  }

  get active(): boolean {
    return this.#ramping.size > 0
  }

  /** To be told after each change of a target. Who was never away has nothing to warm up again: a pool that starts does not ramp. */
  changed(member: Member<Target>, nowMs: number): void {
    if (isAway(member)) {
      member.wasAway = true
      this.#stop(member)
      return
    }
    const rank = rankOf(member)
    if (!member.wasAway || (rank !== 'up' && rank !== 'degraded')) return
    member.wasAway = false
    if (!this.#ramp) return
    member.rampStartMs = nowMs
    this.#ramping.add(member)
  }

  /** Gives each the weight that it has by now. */
  refresh(nowMs: number): void {
    if (!this.#ramp) return
    for (const member of this.#ramping) {
      const ratio = slowStartRatio(this.#ramp, nowMs - (member.rampStartMs ?? nowMs))
      if (ratio >= 1) this.#stop(member)
      else {
        member.rampRatio = Math.max(ratio, LEAST_RATIO)
        member.weight = member.fullWeight * member.rampRatio
      }
    }
  }

  #stop(member: Member<Target>): void {
    this.#ramping.delete(member)
    member.rampStartMs = undefined
    member.rampRatio = 1
    member.weight = member.fullWeight
  }
}
