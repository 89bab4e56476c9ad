/**
 * Rules that may be taken away, to see that the simulator notices: each wraps what the engine is given, and the engine is as it
 * is. Never outside of a test.
 */
export interface Mutations {
  /** Leases and gates reckon with perfect clocks. */
  readonly withoutMargin?: boolean | undefined
  /** Who hands a service over says that he has let go half a second before he does. */
  readonly withoutReleaseFirst?: boolean | undefined
  /** A right that was granted counts as valid for ever. */
  readonly withoutTokenCheck?: boolean | undefined
  /** After an action the arbiter is not asked again: it is taken for granted that the right still stands. */
  readonly withoutLastLook?: boolean | undefined
  /** What is on a machine is not looked at: a process knows of what it did itself, and of nothing that was there before it. */
  readonly withoutLooking?: boolean | undefined
  /** A process that stood still believes what it saw before, and the timeouts that ran out meanwhile. */
  readonly withoutPauseGuard?: boolean | undefined
  /** Every peer is taken to be well, whatever it says of itself. */
  readonly withoutCandidateCheck?: boolean | undefined
  /** What is kept is given a lifetime, as if it were to be released. */
  readonly withoutKeep?: boolean | undefined
  /** A standby takes the site for silent without having looked. */
  readonly withoutServedLook?: boolean | undefined
  /** Nobody reads that people hold it. */
  readonly withoutHold?: boolean | undefined
  /** Every configuration is taken for our own. */
  readonly withoutAgreement?: boolean | undefined
  /** Nobody knows which services go together. */
  readonly withoutCompany?: boolean | undefined
  /** Nobody knows which services come after others. */
  readonly withoutOrder?: boolean | undefined
  /** A device says that a node is off, and has done nothing. */
  readonly withoutPowerOff?: boolean | undefined
}
