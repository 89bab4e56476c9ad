import type { TimelineEntry } from '@hotspare/api'
import type { Client } from '@hotspare/api/client'
import { BoundedHistory, type Clock, HotspareError, withDeadline } from '@hotspare/core'

/** As many as a daemon keeps by default: a look back never finds less than one would there. */
const KEPT_ENTRIES = 10_000

/** An entry, and when it came in. */
export interface FollowedEntry {
  readonly entry: TimelineEntry
  /**
   * By the follower's own monotonic clock, so that it can be measured against what was done on this side; the few
   * milliseconds of its way from the daemon are in it. `entry.at` is of another process's wall clock, which may be stepped.
   */
  readonly arrivedMs: number
}

/** Follows a daemon's timeline and lets others wait for what happens in it. */
export class TimelineFollower {
  readonly #clock: Clock
  readonly #followed = new BoundedHistory<FollowedEntry>(KEPT_ENTRIES)
  readonly #waiting = new Set<Waiting>()
  readonly #abort = new AbortController()
  #failure: Error | undefined
  #done: Promise<void> | undefined

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock
  }

  /** The last 10,000, oldest first. */
  get entries(): readonly TimelineEntry[] {
    return Array.from(this.#followed, ({ entry }) => entry)
  }

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
    matches: (followed: FollowedEntry) => boolean,
    timeoutMs: number,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<FollowedEntry> {
    const past = [...this.#followed].find(matches)
    if (past) return past
    if (this.#failure) throw this.#failure
    let waiting: Waiting | undefined
    const found = new Promise<FollowedEntry>((resolve, reject) => {
      waiting = {
        look(followed) {
          if (matches(followed)) resolve(followed)
        },
        giveUp: reject,
      }
      this.#waiting.add(waiting)
    })
    try {
      return await withDeadline(what, timeoutMs, () => found, { ...options, clock: this.#clock })
    } finally {
      if (waiting) this.#waiting.delete(waiting)
    }
  }

  async #read(client: Client, onEntry: (entry: TimelineEntry) => void): Promise<void> {
    try {
      for await (const entry of client.events({ after: 0 }, { signal: this.#abort.signal })) {
        const followed = { entry, arrivedMs: this.#clock.monotonicMs() }
        this.#followed.push(followed)
        onEntry(entry)
        for (const { look } of this.#waiting) look(followed)
      }
      // Nothing more will come, and whoever waits for it should not wait any longer.
      this.#fail(new HotspareError({ code: 'HOTSPARE_APP_TIMELINE', message: 'the timeline has ended' }))
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #fail(failure: Error): void {
    this.#failure = failure
    for (const { giveUp } of this.#waiting) giveUp(failure)
  }
}

interface Waiting {
  readonly look: (followed: FollowedEntry) => void
  readonly giveUp: (failure: Error) => void
}
