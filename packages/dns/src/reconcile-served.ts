import { type Clock, errorText, sleep } from '@hotspare/core'
import type { DnsRecordEventDetails } from './reconcile-events.ts'
import type { RecordSet } from './record-set.ts'
import { formatSet } from './value.ts'
import type { ServedReport } from './verify.ts'

/**
 * Whether the name servers answer with a set; takes its time, and ends by itself:
 * `(set, call) => verifyServed({ zone: 'example.com', set }, call)`.
 */
export type ServedCheck = (set: RecordSet, options: { readonly signal: AbortSignal }) => Promise<Pick<ServedReport, 'stage' | 'because'>>

/** From the end of a look in vain to the next one: who is dead for longer than that is looked at twice a minute. */
const AGAIN_MS = 30_000

export interface ServedWatchOptions {
  readonly check: ServedCheck | undefined
  readonly clock: Clock
  readonly tell: (event: DnsRecordEventDetails) => void
}

/** Looks after a change whether it is served, and tells; holds nothing up. A newer change ends the look at the one before. */
export class ServedWatch {
  readonly #options: ServedWatchOptions
  #looking: AbortController | undefined
  #said = 'it was not looked at'

  constructor(options: ServedWatchOptions) {
    this.#options = options
  }

  /** What was found out last, for people. */
  get said(): string {
    return this.#options.check ? this.#said : 'nobody looks'
  }

  begin(set: RecordSet): void {
    this.stop()
    if (!this.#options.check) return
    const controller = new AbortController()
    this.#looking = controller
    void this.#look(set, this.#options.check, controller)
  }

  stop(): void {
    this.#looking?.abort(new Error('it is not looked for any more'))
    this.#looking = undefined
  }

  async #look(set: RecordSet, check: ServedCheck, controller: AbortController): Promise<void> {
    const { clock, tell } = this.#options
    const { signal } = controller
    const startMs = clock.monotonicMs()
    this.#said = 'it is being looked at'
    for (let round = 1; ; round += 1) {
      const verdict = await runCheck(check, set, signal)
      if (signal.aborted) return
      const afterMs = clock.monotonicMs() - startMs
      if (verdict.stage === 'converged') {
        this.#looking = undefined
        this.#said = `all name servers that were asked answer with it, ${Math.round(afterMs)} ms after the change`
        return tell({ type: 'record-served', afterMs, text: `${formatSet(set)} is served, ${Math.round(afterMs)} ms after the change` })
      }
      this.#said = verdict.because
      // Told once; that it is over has to be told as well, however late it comes.
      if (round === 1) {
        const text = `${formatSet(set)} was accepted, but is not served: ${verdict.because}`
        tell({ type: 'record-unserved', because: verdict.because, text })
      }
      const isOver = await sleep(AGAIN_MS, { signal, clock }).then(
        () => false,
        () => true,
      )
      if (isOver) return
    }
  }
}

/** Never rejects: a check that fails has not seen it served. */
async function runCheck(check: ServedCheck, set: RecordSet, signal: AbortSignal): ReturnType<ServedCheck> {
  try {
    return await check(set, { signal })
  } catch (error) {
    return { stage: 'applied', because: `it could not be looked at: ${errorText(error)}` }
  }
}
