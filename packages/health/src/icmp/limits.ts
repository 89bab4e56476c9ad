/** The limits of an ICMP probe. Each number with its reason. */
export const icmpLimits: {
  readonly count: number
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly maxLossRatio: number
  readonly startMs: number
  readonly keptBytes: number
} = Object.freeze({
  /** One lost packet of three is told apart from a dead host. */
  count: 3,
  /** The shortest that every ping allows without special rights. */
  intervalMs: 200,
  /** The packets take 400 ms; the rest is for the last reply, and for a program to start on a busy machine. */
  timeoutMs: 2_000,
  /** Of three packets one may be lost. */
  maxLossRatio: 0.5,
  /** Kept of the deadline for the start and the end of the program, so that ping itself reports a loss; a tenth of it at least. */
  startMs: 200,
  /** Twenty replies have some 1,500 bytes. */
  keptBytes: 16_384,
})
