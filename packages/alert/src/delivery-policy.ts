import type { Delivery } from './types.ts'

/** How patient a channel's queue is. */
export interface DeliveryPolicy {
  /** Attempts for one alert, the first included. */
  readonly attempts: number
  /** How long after `notify` an alert is still retried, in milliseconds. */
  readonly retryForMs: number
  /** The longest wait that the receiver can impose, in milliseconds. */
  readonly retryAfterCapMs: number
}

/** What is known after an attempt. */
export interface AttemptOutcome {
  /** 1 for the first attempt. */
  readonly attempt: number
  /** Since `notify`, in milliseconds. */
  readonly ageMs: number
  readonly delivery: Delivery
  /** The wait that the back-off proposes, in milliseconds. */
  readonly backoffMs: number
}

/** How long a channel is left alone before its next attempt, with this alert or with the next. */
export interface Pause {
  readonly waitMs: number
  /** The part of it that the receiver asked for: a hurry of ours (a shutdown) may cut the rest, never this. */
  readonly askedMs: number
}

export type DeliveryDecision =
  | { readonly action: 'done'; readonly receipt: string | undefined }
  | { readonly action: 'retry'; readonly pause: Pause; readonly reason: string }
  | { readonly action: 'give-up'; readonly pause: Pause; readonly reason: string }

const NO_PAUSE: Pause = { waitMs: 0, askedMs: 0 }

/** Decides, after an attempt, whether the alert is done, tried again or given up, and how long the channel rests. */
export function decideDelivery(policy: DeliveryPolicy, outcome: AttemptOutcome): DeliveryDecision {
  const { attempt, ageMs, delivery, backoffMs } = outcome
  if (delivery.ok) return { action: 'done', receipt: delivery.receipt }
  const { reason } = delivery
  if (!delivery.retryable) return { action: 'give-up', pause: NO_PAUSE, reason }

  const askedMs = Math.min(Math.max(0, delivery.retryAfterMs ?? 0), policy.retryAfterCapMs)
  const leftMs = policy.retryForMs - ageMs
  // Giving up on this alert does not make the channel any healthier: the next one waits just as long.
  const giveUp = (why: string): DeliveryDecision => ({
    action: 'give-up',
    pause: { waitMs: Math.max(askedMs, backoffMs), askedMs },
    reason: `${why}: ${reason}`,
  })
  if (attempt >= policy.attempts) return giveUp(`given up after ${attempt} attempts`)
  if (leftMs <= 0) return giveUp(`given up after ${attempt} attempts, its time has run out`)
  if (askedMs > leftMs) return giveUp('given up, the receiver asks for a wait beyond its time')

  // The back-off is cut so that the last moment still sees an attempt.
  return { action: 'retry', pause: { waitMs: Math.max(askedMs, Math.min(backoffMs, leftMs)), askedMs }, reason }
}

/** What the queue does with one more alert. */
export type Admission = 'take' | 'take-and-drop-oldest' | 'refuse'

/**
 * Where a queue is full, the oldest makes room: the newest is the one that tells how things are now.
 *
 * @param waiting alerts in the queue, without the one in work, which is never torn out
 */
export function admit(closing: boolean, waiting: number, queueSize: number): Admission {
  if (closing) return 'refuse'
  return waiting < queueSize ? 'take' : 'take-and-drop-oldest'
}

/**
 * How many attempts of a channel in a row have failed in a way that may pass; the back-off grows with it, whichever alert
 * it was. A receiver that refuses one alert for good is there, and speaks.
 */
export function failuresAfter(delivery: Delivery, failuresBefore: number): number {
  return delivery.ok || !delivery.retryable ? 0 : failuresBefore + 1
}

/** The times that a resting channel looks at, in milliseconds of the monotonic clock. */
export interface RestTimes {
  readonly nowMs: number
  /** When the channel may be tried again. */
  readonly resumeAtMs: number
  /** When the drain ends; infinite before there is one. */
  readonly drainUntilMs: number
}

export type RestDecision = { readonly action: 'go' } | { readonly action: 'wait'; readonly waitMs: number } | { readonly action: 'give-up' }

/** Decides whether a channel is tried now, after a wait, or no more: a wait that outlasts the drain need not be sat out. */
export function decideRest({ nowMs, resumeAtMs, drainUntilMs }: RestTimes): RestDecision {
  if (resumeAtMs <= nowMs) return { action: 'go' }
  return resumeAtMs >= drainUntilMs ? { action: 'give-up' } : { action: 'wait', waitMs: resumeAtMs - nowMs }
}

/**
 * Whether an alert that never had its turn is too old to get one. Only a channel that is failing makes it so: behind a
 * channel that is merely slow, a late alert is better than none.
 *
 * @param failures how many attempts of the channel in a row have failed so far
 */
export function isExpired(policy: DeliveryPolicy, ageMs: number, failures: number): boolean {
  return failures > 0 && ageMs >= policy.retryForMs
}
