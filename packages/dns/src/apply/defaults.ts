/** How changes are run. Each number with its reason. */
export const applyDefaults: Readonly<
  Record<'allowedMs' | 'rightMarginMs' | 'retryBaseMs' | 'retryCapMs' | 'mostRounds' | 'looksForWritten' | 'lookAgainMs', number>
> = Object.freeze({
  /** Two sets are read, changed and read again by calls that take a second or two, and one of them fails. */
  allowedMs: 20_000,
  /** What is asked for at the last moment arrives a network's way later. */
  rightMarginMs: 50,
  /** Upper bound of the first pause after a call that failed: most of what a second try meets is over by then. */
  retryBaseMs: 250,
  /** Upper bound of every pause: a change has seconds. */
  retryCapMs: 5_000,
  /** A change takes one round, or two for an owner and a set one by one, and one more for each who comes in between: after so many it is a quarrel. */
  mostRounds: 12,
  /** How often a change is looked for that was accepted and is not seen: some APIs answer from copies that are a second behind. */
  looksForWritten: 5,
  /** The first pause between two of those looks; each further one is twice as long, so that all are some three seconds. */
  lookAgainMs: 200,
})
