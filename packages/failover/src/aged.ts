import type { Verdict } from '@hotspare/core'

/** A verdict that somebody else reaches, and that is worth nothing once it is old. */
export class Aged<State extends string> {
  readonly #maxAgeMs: number
  readonly #unknown: State
  readonly #source: string
  #value: { readonly verdict: Verdict<State>; readonly atMs: number } | undefined

  /** @param source who says it, for people: `the health check` */
  constructor({ maxAgeMs, unknown, source }: { readonly maxAgeMs: number; readonly unknown: State; readonly source: string }) {
    this.#maxAgeMs = maxAgeMs
    this.#unknown = unknown
    this.#source = source
  }

  set(verdict: Verdict<State>, atMs: number): void {
    this.#value = { verdict, atMs }
  }

  forget(): void {
    this.#value = undefined
  }

  get(atMs: number, wallMs: number): Verdict<State> {
    const value = this.#value
    if (!value) return { state: this.#unknown, since: wallMs, because: `${this.#source} has said nothing yet` }
    const ageMs = atMs - value.atMs
    if (ageMs <= this.#maxAgeMs) return value.verdict
    return {
      state: this.#unknown,
      since: wallMs - ageMs + this.#maxAgeMs,
      because: `${this.#source} has been silent for ${Math.round(ageMs)} ms`,
    }
  }
}
