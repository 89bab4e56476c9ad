import type { Finding } from './failure.ts'
import type { ProbePhaseName, ProbeResult } from './probe.ts'
import type { TimedResult } from './target-health.ts'

const PHASES: readonly ProbePhaseName[] = ['dns', 'connect', 'tls', 'first-byte', 'transfer']
/** When, how long, and each phase (NaN: there was none). */
const NUMBERS = 2 + PHASES.length

/**
 * The last results of a target, oldest first, in about a tenth of what they take as objects: thousands of targets keep
 * twenty each. The numbers stand in one block; words that repeat are kept once.
 */
export class ResultHistory {
  readonly #capacity: number
  readonly #numbers: Float64Array
  readonly #words: Finding[] = []
  #next = 0

  /** @param capacity how many results are kept, at least 1 */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#numbers = new Float64Array(capacity * NUMBERS)
  }

  push(at: number, result: ProbeResult): void {
    const { durationMs, phases, ...words } = result
    const place = this.#next
    const start = place * NUMBERS
    this.#numbers[start] = at
    this.#numbers[start + 1] = durationMs
    for (let phase = 0; phase < PHASES.length; phase++) {
      this.#numbers[start + 2 + phase] = phases?.find(({ name }) => name === PHASES[phase])?.tookMs ?? Number.NaN
    }
    const before = this.#words[(place + this.#capacity - 1) % this.#capacity]
    this.#words[place] = before && sameWords(before, words) ? before : words
    this.#next = (place + 1) % this.#capacity
  }

  toArray(): TimedResult[] {
    const oldest = this.#words.length < this.#capacity ? 0 : this.#next
    return this.#words.map((_, index) => this.#read((oldest + index) % this.#words.length))
  }

  /** The newest; undefined where there is none. */
  last(): TimedResult | undefined {
    return this.#words.length === 0 ? undefined : this.#read((this.#next + this.#capacity - 1) % this.#capacity)
  }

  #read(place: number): TimedResult {
    const start = place * NUMBERS
    const phases = PHASES.flatMap((name, phase) => {
      const tookMs = this.#numbers[start + 2 + phase]!
      return Number.isNaN(tookMs) ? [] : [{ name, tookMs }]
    })
    const times = { durationMs: this.#numbers[start + 1]!, ...(phases.length > 0 ? { phases } : {}) }
    return { at: this.#numbers[start]!, result: { ...this.#words[place]!, ...times } }
  }
}

function sameWords(before: Finding, words: Finding): boolean {
  if (words.advice !== undefined || before.advice !== undefined || !sameMeasures(before.measures, words.measures)) return false
  if (before.outcome !== words.outcome || before.detail !== words.detail || before.warning !== words.warning) return false
  if (before.outcome !== 'fail' || words.outcome !== 'fail') return true
  return before.reason === words.reason && before.immediate === words.immediate
}

/** What is measured is often the same each time: the size of a page, the days that a certificate has left. */
function sameMeasures(before: Finding['measures'], now: Finding['measures']): boolean {
  if (before === undefined || now === undefined) return before === now
  const names = Object.keys(now)
  return names.length === Object.keys(before).length && names.every((name) => before[name] === now[name])
}
