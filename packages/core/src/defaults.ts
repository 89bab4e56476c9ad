/** How a call is tried again. Each number with its reason. */
export const retryDefaults: Readonly<Record<'attempts' | 'baseMs' | 'capMs', number>> = Object.freeze({
  /** The first call and two more: one blip and its echo are survived, and a caller that waits still gets an answer soon. */
  attempts: 3,
  /** Upper bound of the first delay: longer than a lost connection takes to be opened anew within a data centre. */
  baseMs: 100,
  /** Upper bound of every delay. With `baseMs` it is reached at the eighth retry; beyond it, a service that is back stays unused. */
  capMs: 10_000,
})

/** How many retries are too many. Finagle's numbers. */
export const retryBudgetDefaults: Readonly<Record<'ratio' | 'minimumPerSecond' | 'windowMs' | 'slots', number>> = Object.freeze({
  /** A fifth: a total outage behind us costs it 20 % more load, not 200 %. */
  ratio: 0.2,
  /** Retries a second that are always allowed, so that a quiet service can retry at all. */
  minimumPerSecond: 10,
  /** Long enough to span a burst, short enough that a blip is forgotten before the next. */
  windowMs: 10_000,
  /** Slots of the sliding window: what happened leaves the count at most a tenth of the window early. */
  slots: 10,
})
