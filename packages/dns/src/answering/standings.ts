import type { Clock, TargetState } from '@hotspare/core'
import type { TargetStanding } from './answered-record.ts'

/** How targets stand, by the last word on each. */
export class Standings {
  readonly #clock: Clock
  readonly #known = new Map<string, TargetStanding>()

  constructor(ids: Iterable<string>, clock: Clock) {
    this.#clock = clock
    for (const id of ids) this.#known.set(id, this.#now('unknown'))
  }

  has(id: string): boolean {
    return this.#known.has(id)
  }

  of(id: string): TargetStanding {
    return this.#known.get(id) ?? this.#now('unknown')
  }

  /** @returns whether that is news */
  set(id: string, state: TargetState): boolean {
    const before = this.of(id)
    if (before.state === state) return false
    // Between up and degraded nothing comes back: it was there all the time.
    const stays = isUsable(before.state) && isUsable(state)
    this.#known.set(id, stays ? { ...before, state } : this.#now(state))
    return true
  }

  /** What a source knows: whoever it leaves out is unknown. @returns whether anything of that is news */
  setAll(states: ReadonlyMap<string, TargetState>): boolean {
    const news = [...this.#known.keys()].map((id) => this.set(id, states.get(id) ?? 'unknown'))
    return news.includes(true)
  }

  #now(state: TargetState): TargetStanding {
    return { state, sinceMs: this.#clock.monotonicMs(), sinceWallMs: this.#clock.wallMs() }
  }
}

function isUsable(state: TargetState): boolean {
  return state === 'up' || state === 'degraded'
}
