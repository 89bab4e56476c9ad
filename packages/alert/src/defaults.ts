const numbers = {
  /**
   * Alerts that wait for one channel. Some 1 KiB each, so 1 MiB; a storm of more than a thousand alerts
   * is one message to people, not a thousand.
   */
  queueSize: 1_000,
  /** How long an alert is worth sending, an hour. Longer than a mail server's restart or a network failover, shorter than a shift. */
  retryForMs: 3_600_000,
  /**
   * Not what normally ends the retries: full jitter makes about `retryForMs / (backoffCapMs / 2)` = 120 attempts in an hour.
   * Twice that, so that time decides and a strange source of chance still cannot make a busy loop.
   */
  attempts: 250,
  /** The first wait is at most this: the usual cause, a connection lost in the very failover that is reported, is over in seconds. */
  backoffBaseMs: 1_000,
  /** The longest wait of our own choice: a channel that comes back is noticed within a minute. */
  backoffCapMs: 60_000,
  /** The longest wait that a receiver can impose by Retry-After; rate limits of chat services ask for seconds to minutes. */
  retryAfterCapMs: 900_000,
  /** One attempt, whatever the channel does inside. More than `channelTimeoutMs`, so that the channel's own, better reason comes first. */
  sendTimeoutMs: 10_000,
  /** One attempt as the channels here bound it. A receiver that needs longer should queue and answer at once. */
  channelTimeoutMs: 8_000,
  /** How long `stop()` tries to empty the queues: half of the 10 s that the most impatient service managers grant before SIGKILL. */
  drainMs: 5_000,
  /** How long `stop()` waits for a channel to let go of its sockets. */
  closeTimeoutMs: 1_000,
  /** How much of an HTTP answer is read, and thrown away, after its status: enough for an `ok` or an error page. */
  responseDrainBytes: 16_384,
  /** How long that reading may take; the status has already decided. */
  responseDrainMs: 500,
  /** What a subject or a reason may take of a screen. */
  lineLength: 200,
  /** Mails that the SMTP channel remembers: those that fired, for the thread, and those that only some recipients have. */
  rememberedMails: 1_000,
} as const

/** What applies where an option is left out. */
export const alertDefaults: typeof numbers = Object.freeze(numbers)
