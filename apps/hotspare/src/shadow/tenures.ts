import { shadowLimits } from './limits.ts'
import type { Tenure } from './report-types.ts'

interface OpenTenure {
  readonly who: string
  readonly what: string
  readonly from: number
  to: number | null
}

/** Who did something from when to when; the oldest are forgotten. */
export class Tenures {
  readonly #all: OpenTenure[]

  constructor(earlier: readonly Tenure[], endedAt: number) {
    this.#all = earlier.map((each) => ({ ...each, to: each.to ?? Math.max(each.from, endedAt) }))
  }

  begin(who: string, what: string, at: number): void {
    this.#all.push({ who, what, from: at, to: null })
    while (this.#all.length > shadowLimits.tenures) this.#all.shift()
  }

  end(who: string, what: string, at: number): void {
    const open = this.#find(who, what)
    if (open) open.to = Math.max(open.from, at)
  }

  all(): readonly Tenure[] {
    return this.#all.map((each) => ({ ...each }))
  }

  #find(who: string, what: string): OpenTenure | undefined {
    return this.#all.findLast((each) => each.to === null && each.who === who && each.what === what)
  }
}
