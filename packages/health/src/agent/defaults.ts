/** The limits of both ends of an agent check. Each number with its reason. */
export const agentDefaults: {
  readonly host: string
  readonly serverTimeoutMs: number
  readonly maxConnections: number
  readonly maxLineBytes: number
  readonly maxQuestionBytes: number
} = Object.freeze({
  /** What it says is for the load balancers that were let in on purpose. */
  host: '127.0.0.1',
  /** Half of HAProxy's default interval and timeout of an agent (2 s): a late answer would meet nobody. */
  serverTimeoutMs: 1_000,
  /** A few load balancers with many backends each, and no way to fill this machine with connections. */
  maxConnections: 64,
  /** HAProxy reads into a buffer of this size; an agent's line is some 50 bytes. */
  maxLineBytes: 16_384,
  /** A question is a name or two. */
  maxQuestionBytes: 1_024,
})
