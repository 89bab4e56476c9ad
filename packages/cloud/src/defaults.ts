/** How the APIs of clouds are called. Each number with its reason. */
export const cloudDefaults: Readonly<
  Record<
    | 'connectMs'
    | 'maxAnswerBytes'
    | 'connections'
    | 'tokenEarlyMs'
    | 'limitedMs'
    | 'longestGuessMs'
    | 'longestAskedMs'
    | 'credentialsPauseMs',
    number
  >
> = Object.freeze({
  /** A server that is not there is found out within this: three tries of TCP's first packet. */
  connectMs: 5_000,
  /** The largest answer of these calls is the description of a virtual machine: some 100 KB. */
  maxAnswerBytes: 2_097_152,
  /** A call of each verb and a look, and a look that asks about each of a few things. */
  connections: 4,
  /** A token is renewed so long before its end: for clocks that differ, and calls that take their time. */
  tokenEarlyMs: 60_000,
  /** The least that a limit lasts for which no time was named: limits come back by the second. */
  limitedMs: 1_000,
  /** The most that is guessed for one, after many of them in a row: longer limits are named. */
  longestGuessMs: 60_000,
  /**
   * What is asked for is kept for so long at most: a date that is named is measured by our wall clock, and where that is wrong by
   * a year nothing would be called for a year.
   */
  longestAskedMs: 3_600_000,
  /** Credentials that were refused are seldom mended sooner; and refusals in a row are what locks an account out. */
  credentialsPauseMs: 30_000,
})
