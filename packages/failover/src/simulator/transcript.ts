import { createHash } from 'node:crypto'
import type { Run } from './run.ts'

/** All that is told in a run, line by line, and what of it must not happen. */
export class Transcript {
  readonly #nowMs: () => number
  readonly #trace: ((line: string) => void) | undefined
  readonly #hash = createHash('sha256')
  readonly #violations: Run['violations'][number][] = []

  constructor(nowMs: () => number, trace: ((line: string) => void) | undefined) {
    this.#nowMs = nowMs
    this.#trace = trace
  }

  get violations(): Run['violations'] {
    return this.#violations
  }

  tell(what: string): void {
    const line = `${this.#nowMs().toFixed(3)} ${what}`
    this.#hash.update(line)
    this.#trace?.(line)
  }

  violate(what: string): void {
    this.tell(`VIOLATION ${what}`)
    this.#violations.push({ atMs: this.#nowMs(), what })
  }

  /** The same for runs that were the same, to the letter. Ends the transcript. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16)
  }
}
