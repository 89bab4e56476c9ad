import { assertNever, errorText, type Logger } from '@hotspare/core'
import type { LeaseRecord, SwapResult } from '../register.ts'
import type { Records } from './file.ts'

export interface Change {
  readonly name: string
  readonly expected: string | null
  readonly next: LeaseRecord
}

/** Why there is no answer to a swap. */
export type SwapFailure =
  /** A lease more than may be; nothing was written. */
  | 'full'
  /** Too many swaps wait; nothing was written. */
  | 'busy'
  /** The disk failed: the change is not in force, and after a restart it may be. */
  | 'write-failed'

export type SwapOutcome = SwapResult | { readonly failed: SwapFailure }

export interface WitnessStoreOptions {
  readonly records: Records
  readonly write: (records: Records) => Promise<void>
  readonly maxLeases: number
  readonly maxWaiting: number
  readonly logger: Logger
}

interface Waiting {
  readonly change: Change
  readonly signal: AbortSignal | undefined
  readonly settle: (outcome: SwapOutcome) => void
}

/**
 * The records, and one write at a time: swaps that come during a write share the next one.
 *
 * Memory holds what is known to be durable and nothing else; a change shows itself only after its write. When a write
 * fails, nobody knows whether the file has the old content or the new one. All swaps of that write then fail, memory
 * stays with the old content, and the next write, made from memory, settles what the file holds. Until then reads go on
 * with the old content. That is safe: the failed swaps are writes whose outcome is unknown to their senders. If a crash
 * comes before the next write, the file shows them as made just then; if it does not come, they never were.
 */
export class WitnessStore {
  readonly #options: WitnessStoreOptions
  #records: Records
  #waiting: Waiting[] = []
  #run: Promise<void> | undefined
  #writes = 0
  #inDoubt = false

  constructor(options: WitnessStoreOptions) {
    this.#options = options
    this.#records = options.records
  }

  get size(): number {
    return this.#records.size
  }

  /** Writes that succeeded. */
  get writes(): number {
    return this.#writes
  }

  /** Whether the last write failed, so that the file may hold either content. */
  get inDoubt(): boolean {
    return this.#inDoubt
  }

  read(name: string): LeaseRecord | null {
    return this.#records.get(name) ?? null
  }

  /** @param signal takes the change back while it waits; once its write has begun, it has no effect */
  swap(change: Change, signal?: AbortSignal): Promise<SwapOutcome> {
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.resolve({ failed: 'busy' })
    return new Promise((settle) => {
      this.#waiting.push({ change, signal, settle })
      // Not at once: what else comes in this turn shares the write.
      this.#run ??= Promise.resolve().then(() => this.#work())
    })
  }

  /** Resolves when nothing waits and no write is under way. */
  async idle(): Promise<void> {
    await this.#run
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0).filter(({ signal }) => signal?.aborted !== true)
      const draft = new Map(this.#records)
      const outcomes = batch.map(({ change }) => apply(draft, change, this.#options.maxLeases))
      const changed = outcomes.some((outcome) => 'swapped' in outcome && outcome.swapped)
      // Also those of the batch that found something else may have found what is not durable yet: they wait as well.
      const durable = !changed || (await this.#write(draft))
      for (const [index, { settle }] of batch.entries()) settle((durable && outcomes[index]) || { failed: 'write-failed' })
    }
    this.#run = undefined
  }

  async #write(draft: Records): Promise<boolean> {
    const { write, logger } = this.#options
    try {
      await write(draft)
    } catch (error) {
      if (!this.#inDoubt) logger.error({ error: errorText(error) }, 'the witness cannot write its file: no lease can be taken or renewed')
      this.#inDoubt = true
      return false
    }
    if (this.#inDoubt) logger.info({}, 'the witness can write its file again')
    this.#inDoubt = false
    this.#writes += 1
    this.#records = draft
    return true
  }
}

function apply(draft: Map<string, LeaseRecord>, { name, expected, next }: Change, maxLeases: number): SwapOutcome {
  const current = draft.get(name) ?? null
  if ((current?.revision ?? null) !== expected) return { swapped: false, current }
  if (!current && draft.size >= maxLeases) return { failed: 'full' }
  draft.set(name, next)
  return { swapped: true }
}

/** For people. */
export function failureText(failure: SwapFailure): string {
  switch (failure) {
    case 'full':
      return 'there are as many leases as may be: raise maxLeases'
    case 'busy':
      return 'too many swaps wait for the disk'
    case 'write-failed':
      return 'the write failed, see the log of the witness; whether it was made is unknown'
    default:
      return assertNever(failure)
  }
}
