import type { HealthState, Verdict } from '@hotspare/core'

/** Other nodes that look at the same things. */
export interface Observers {
  /** What counts, given what this node sees itself. */
  decide(id: string, own: Verdict<HealthState>): Verdict<HealthState>
  /** How many see it so, in words: `2 of 3 observers say down`; undefined where nothing is put to the vote. */
  observersSay?(id: string): string | undefined
  /** Told when an answer of `decide` may have changed. */
  subscribe(listener: (id: string) => void): () => void
}
