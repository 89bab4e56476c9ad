import type { TimelineEntry } from '@hotspare/api'
import type { Client } from '@hotspare/api/client'
import { timeoutError } from '@hotspare/core'

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
   * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` after `timeoutMs` milliseconds; the connection's failure
   */
  waitFor(what: string, matches: (entry: TimelineEntry) => boolean, timeoutMs: number): Promise<TimelineEntry> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        this.#waiting.delete(look)
        clearTimeout(timer)
        finish()
      }
      const look = () => {
        const entry = this.entries.find(matches)
        if (entry) settle(() => resolve(entry))
        else if (this.#failure !== undefined) settle(() => reject(this.#failure))
      }
      const timer = setTimeout(() => settle(() => reject(timeoutError(what, timeoutMs))), timeoutMs)
      this.#waiting.add(look)
      look()
    })
  }

  async #read(client: Client, onEntry: (entry: TimelineEntry) => void): Promise<void> {
    try {
      for await (const entry of client.events({ after: 0 }, { signal: this.#abort.signal })) {
        this.entries.push(entry)
        onEntry(entry)
        for (const look of this.#waiting) look()
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      for (const look of this.#waiting) look()
    }
  }
}
