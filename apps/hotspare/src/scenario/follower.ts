import type { TimelineEntry } from '@hotspare/api'
import type { Client } from '@hotspare/api/client'
import { HotspareError, withDeadline } from '@hotspare/core'

/** Follows a daemon's timeline and lets others wait for what happens in it. */
export class TimelineFollower {
  readonly entries: TimelineEntry[] = []
  readonly #waiting = new Set<() => void>()
  readonly #abort = new AbortController()
  #failure: Error | undefined
  #done: Promise<void> | undefined

  /** @param onEntry is told of each entry as it comes */
  follow(client: Client, onEntry: (entry: TimelineEntry) => void = () => {}): void {
    this.#done ??= this.#read(client, onEntry)
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#done
  }

  /**
   * Waits for an entry that matches, past ones included.
   *
   * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` after `timeoutMs` milliseconds; the connection's failure or end; the abort
   */
  async waitFor(
    what: string,
    matches: (entry: TimelineEntry) => boolean,
    timeoutMs: number,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TimelineEntry> {
    let look: (() => void) | undefined
    const found = new Promise<TimelineEntry>((resolve, reject) => {
      look = () => {
        const entry = this.entries.find(matches)
        if (entry) resolve(entry)
        else if (this.#failure !== undefined) reject(this.#failure)
      }
      this.#waiting.add(look)
      look()
    })
    try {
      return await withDeadline(what, timeoutMs, () => found, options)
    } finally {
      if (look) this.#waiting.delete(look)
    }
  }

  async #read(client: Client, onEntry: (entry: TimelineEntry) => void): Promise<void> {
    try {
      for await (const entry of client.events({ after: 0 }, { signal: this.#abort.signal })) {
        this.entries.push(entry)
        onEntry(entry)
        for (const look of this.#waiting) look()
      }
      // Nothing more will come, and whoever waits for it should not wait any longer.
      this.#fail(new HotspareError({ code: 'HOTSPARE_APP_TIMELINE', message: 'the timeline has ended' }))
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #fail(failure: Error): void {
    this.#failure = failure
    for (const look of this.#waiting) look()
  }
}
