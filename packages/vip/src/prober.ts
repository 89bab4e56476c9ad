import type { Clock } from '@hotspare/core'
import { isTolerated } from './claim-decision.ts'
import type { ClaimWatcher } from './claim-watcher.ts'
import { vipDefaults } from './defaults.ts'
import type { Wire } from './driver.ts'

export interface ProberOptions {
  readonly clock: Clock
  readonly watcher: ClaimWatcher
  /** How long somebody has to object. */
  readonly waitMs: number
  /** How long nobody's objection is good for a claim. */
  readonly freshMs: number
  readonly onFailure: (because: string) => void
}

export interface ProberCall {
  /** How the question goes out. */
  readonly means: Wire['means']
  readonly signal: AbortSignal
}

interface ProbeResult {
  readonly atMs: number
  readonly holders: readonly string[]
}

/** Of no use to anybody. */
const NOTHING: ProbeResult = { atMs: -Infinity, holders: [] }

/** Asks who has the address, and remembers for a moment that nobody had. */
export class Prober {
  readonly #options: ProberOptions
  #running: Promise<ProbeResult> | undefined
  #last: ProbeResult = NOTHING

  constructor(options: ProberOptions) {
    this.#options = options
  }

  /** @param isFinal whether an answer ends the wait. @returns hardware addresses. @throws the reason of `signal` */
  async probe({ means, signal }: ProberCall, isFinal: (mac: string) => boolean): Promise<readonly string[]> {
    const { clock, watcher, waitMs, onFailure } = this.#options
    const probing = watcher
      // A command needs some time before it has even asked.
      .probe({ waitMs: means === 'raw' ? waitMs : waitMs * 2, count: vipDefaults.probeCount, isFinal, onFailure, signal })
      // A question that did not go out is answered by nobody, which says nothing.
      .then(({ holders, asked }) => ({ atMs: asked ? clock.monotonicMs() : -Infinity, holders }))
    // Only one that waits to its end is good for a claim.
    const running = probing.catch(() => NOTHING)
    this.#running = running
    try {
      this.#last = await probing
      return this.#last.holders
    } finally {
      if (this.#running === running) this.#running = undefined
    }
  }

  /** @returns who has it and is none of `tolerate`; undefined for nobody. @throws the reason of `signal` */
  async findStranger(tolerate: readonly string[], call: ProberCall): Promise<string | undefined> {
    const { clock, freshMs } = this.#options
    const isStranger = (mac: string) => !isTolerated(mac, tolerate)
    const sinceMs = clock.monotonicMs() - freshMs
    const { atMs, holders } = this.#running ? await this.#running : this.#last
    // Nobody was there a moment ago: that is good enough. A stranger is asked for once more.
    if (atMs >= sinceMs && !holders.some(isStranger)) return undefined
    return (await this.probe(call, isStranger)).find(isStranger)
  }

  /** Whether a claim in the next moments would find its answer, or one that is under way. */
  get isReady(): boolean {
    const { clock, freshMs } = this.#options
    if (this.#running) return true
    return this.#last.holders.length === 0 && this.#last.atMs >= clock.monotonicMs() - freshMs / 2
  }

  forget(): void {
    this.#last = NOTHING
  }
}
