import type { HeartbeatSnapshot } from '../snapshot.ts'
import type { News, NewsReport } from './messages.ts'

/** What an outbox is given. */
export interface OutboxParts {
  /** Calls back when the report has left this process, or never will. */
  readonly send: (report: NewsReport, sent: () => void) => void
  readonly snapshot: () => HeartbeatSnapshot
  readonly mostNews: number
}

/**
 * Reports to the parent: all news of one turn with one snapshot, and one report under way at a time. While the parent does
 * not read, news gather here up to a bound, and the snapshot that it then gets is the newest.
 */
export class Outbox {
  readonly #parts: OutboxParts
  #news: News[] = []
  #lost = 0
  #due = false
  #underWay = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  add(news: News): void {
    this.#news.push(news)
    if (this.#news.length > this.#parts.mostNews) {
      this.#news.shift()
      this.#lost += 1
    }
    this.tell()
  }

  /** Reports when this turn is over and the report before has gone out. */
  tell(): void {
    if (this.#due) return
    this.#due = true
    if (!this.#underWay) setImmediate(() => this.#flush())
  }

  #flush(): void {
    const report: NewsReport = { type: 'news', news: this.#news, lost: this.#lost, snapshot: this.#parts.snapshot() }
    this.#news = []
    this.#lost = 0
    this.#due = false
    this.#underWay = true
    this.#parts.send(report, () => {
      this.#underWay = false
      if (this.#due) setImmediate(() => this.#flush())
    })
  }
}
