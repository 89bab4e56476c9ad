/** How much it matters: `critical` wakes somebody up, `warning` can wait for the morning, `info` is for the record. */
export type Severity = 'info' | 'warning' | 'critical'

/** One thing that people should know. */
export interface Alert {
  /** Unique for each alert and the same on every retry, so that a receiver can tell a repetition from news. */
  readonly id: string
  /** What it is about, `target/shop/a`: the same for the alert that fires and for the one that resolves it. */
  readonly key: string
  readonly status: 'firing' | 'resolved'
  /** What happened, noun then verb: `target-down`. */
  readonly type: string
  readonly severity: Severity
  /** One line for people. */
  readonly title: string
  /** The rest of the story; may have several lines. */
  readonly text: string
  /** When it happened, in milliseconds since the Unix epoch. */
  readonly at: number
  readonly labels: Readonly<Record<string, string>>
}

/** What became of one attempt to hand an alert over. */
export type Delivery =
  | {
      readonly ok: true
      /** What the receiver gave as proof: `250 queued as 4711`, `HTTP 204`. */
      readonly receipt?: string | undefined
    }
  | {
      readonly ok: false
      /** Whether the same alert may get through later without a change by people. */
      readonly retryable: boolean
      /** One clause for people. Never holds a secret. */
      readonly reason: string
      /** How long the receiver asked to be left alone, in milliseconds. */
      readonly retryAfterMs?: number | undefined
    }

/**
 * A way to reach people. A channel makes one attempt for each call and keeps no queue: patience is the alerter's.
 *
 * - `send` answers with a {@link Delivery} for everything that can go wrong on the way; it does not throw.
 * - It ends within a finite time of its own, and soon after `signal` aborts.
 * - `ok: true` means that the receiver has taken the alert over, no less.
 * - Reasons and receipts hold no secret: no password, and of a URL with a token in it nothing but the origin.
 * - The same alert sent twice carries the same identity, so that the receiver can recognise it.
 */
export interface Channel {
  /** What its owner calls it: `ops`, `mail`. */
  readonly name: string
  /** What it is: `webhook`, `smtp`. */
  readonly type: string
  send(alert: Alert, options?: { readonly signal?: AbortSignal | undefined }): Promise<Delivery>
  /** Lets go of sockets; may be called twice. */
  close?(): Promise<void>
}
