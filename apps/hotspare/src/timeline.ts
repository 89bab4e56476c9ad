import type { TimelineEntry } from '@hotspare/api'
import { BoundedHistory, Emitter, type EventSource, type Listener, type Logger } from '@hotspare/core'
import { type AppEvent, logLevelOf, toEntry } from './events.ts'

export interface TimelineOptions {
  /** How many entries are kept. */
  readonly keep: number
  /** What came before, oldest first: the sequence goes on behind it. Default: nothing */
  readonly earlier?: readonly TimelineEntry[] | undefined
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
    for (const entry of options.earlier ?? []) this.#history.push(entry)
    this.#sequence = options.earlier?.at(-1)?.sequence ?? 0
  }

  /** @param options.logged whether the log has it already */
  record(event: AppEvent, options: { readonly logged?: boolean } = {}): void {
    this.#sequence += 1
    const entry = toEntry(event, this.#sequence)
    this.#history.push(entry)
    if (!options.logged) this.#logger[logLevelOf(event)]({ event: entry }, entry.text)
    this.#emitter.emit(entry)
  }

  /**
   * Entries, oldest first. With `after`, those behind that sequence, so that a reader can go on page by page; without it
   * the newest ones. A sequence that was never given out is from an earlier run of the daemon: whoever saw it has seen
   * nothing of this one, and gets everything.
   */
  entries(query: { readonly after?: number | undefined; readonly limit?: number | undefined } = {}): readonly TimelineEntry[] {
    const { after, limit = Number.POSITIVE_INFINITY } = query
    const all = [...this.#history]
    if (after === undefined) return all.slice(Math.max(0, all.length - limit))
    const seen = after > this.#sequence ? 0 : after
    return all.filter((entry) => entry.sequence > seen).slice(0, limit)
  }

  subscribe(listener: Listener<TimelineEntry>): () => void {
    return this.#emitter.subscribe(listener)
  }
}
