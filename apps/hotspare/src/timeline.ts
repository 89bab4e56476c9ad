import type { TimelineEntry } from '@hotspare/api'
import { BoundedHistory, Emitter, type EventSource, type Listener, type Logger } from '@hotspare/core'
import { type AppEvent, toEntry } from './events.ts'

export interface TimelineOptions {
  /** How many entries are kept. */
  readonly keep: number
  readonly logger: Logger
}

/** What happened, in order: bounded, numbered, and told to whoever listens. */
export class Timeline implements EventSource<TimelineEntry> {
  readonly #history: BoundedHistory<TimelineEntry>
  readonly #emitter: Emitter<TimelineEntry>
  readonly #logger: Logger
  #sequence = 0

  constructor(options: TimelineOptions) {
    this.#history = new BoundedHistory(options.keep)
    this.#emitter = new Emitter({ logger: options.logger })
    this.#logger = options.logger
  }

  record(event: AppEvent): void {
    this.#sequence += 1
    const entry = toEntry(event, this.#sequence)
    this.#history.push(entry)
    this.#logger.info({ event: entry }, entry.text)
    this.#emitter.emit(entry)
  }

  /**
   * Entries after that sequence, oldest first, at most `limit` of them: the newest ones. A sequence that was never given
   * out is from an earlier run of the daemon: whoever saw it has seen nothing of this one, and gets everything.
   */
  entries(query: { readonly after?: number | undefined; readonly limit?: number | undefined } = {}): readonly TimelineEntry[] {
    const { after = 0, limit = Number.POSITIVE_INFINITY } = query
    const seen = after > this.#sequence ? 0 : after
    const found = [...this.#history].filter((entry) => entry.sequence > seen)
    return found.slice(Math.max(0, found.length - limit))
  }

  subscribe(listener: Listener<TimelineEntry>): () => void {
    return this.#emitter.subscribe(listener)
  }
}
