/** Times, sizes and counts of the peer channel. Each number with its reason. */
export const channelDefaults: Readonly<
  Record<
    | 'pingIntervalMs'
    | 'silenceMs'
    | 'handshakeTimeoutMs'
    | 'requestTimeoutMs'
    | 'maxRequestMs'
    | 'maxFrameBytes'
    | 'maxQueueBytes'
    | 'maxRequests'
    | 'maxUnauthenticated'
    | 'reconnectBaseMs'
    | 'reconnectCapMs'
    | 'stableMs'
    | 'confirmIntervalMs'
    | 'confirmAttempts'
    | 'lastLookMs'
    | 'sparedStrangers'
    | 'refusedReportMs'
    | 'startTimeoutMs'
    | 'stopTimeoutMs',
    number
  >
> = Object.freeze({
  /** A connection on which nothing was heard for this long is pinged. Whether a peer is alive is the heartbeat's to say, not this one's. */
  pingIntervalMs: 1_000,
  /** Two pings and their answers may be late; TCP repeats a lost segment within 200 ms to 1 s. Then the connection is of no use to a request. */
  silenceMs: 3_000,
  /** From dialling to a connection that can be used, some 2 ms in a data centre; one lost SYN is repeated by Linux after 1 s. */
  handshakeTimeoutMs: 2_000,
  /** Answers are decisions, not work: a vote, an observation. A remote step gives its own. */
  requestTimeoutMs: 5_000,
  /** The longest that a peer may let a handler run; the longest steps of a plan are minutes. */
  maxRequestMs: 600_000,
  /** Of one message. A status of hundreds of targets fits; a file does not, and should not. */
  maxFrameBytes: 262_144,
  /**
   * Requests that wait to be sent on one connection: four of the largest messages, past it a request fails. Answers wait beside
   * them, at most `maxRequests`.
   */
  maxQueueBytes: 1_048_576,
  /** In flight with one peer, each way. Peers ask each other a few things a second. */
  maxRequests: 64,
  /** Connections that have not shown a key yet. A handshake takes milliseconds, so a newcomer takes the place of another. */
  maxUnauthenticated: 64,
  /** Upper bound of the first delay before dialling again: a process that is just going away gets asked twice within 100 ms. */
  reconnectBaseMs: 50,
  /** Upper bound of every delay: a peer that is back is found within a second, at the price of two SYNs a second while it is not. */
  reconnectCapMs: 1_000,
  /**
   * After the end of a connection that lived this long the peer is dialled at once, since that tells whether its process
   * lives. Below, with a growing delay: a peer that hangs up on us each time costs ten handshakes a second, not hundreds.
   */
  stableMs: 100,
  /** A process that is being killed resets what came to its port just before the port was closed: asked again so soon, it is closed. */
  confirmIntervalMs: 5,
  /** Of those, before the delays above: 50 ms, longer than the kernel takes to clear a process away. */
  confirmAttempts: 10,
  /** Before a connection is closed for a silence that we, being late, may not have noticed the end of: one turn of the event loop reads what waits. */
  lastLookMs: 10,
  /** Of these a peer's own address may have more than any other before its handshakes have to make room: it needs one, and one more after a reset. */
  sparedStrangers: 4,
  /** Refused connections of strangers are told of in one event for this long, so that a flood of connections is no flood of events. */
  refusedReportMs: 10_000,
  /** To bind one socket. */
  startTimeoutMs: 5_000,
  /** To say goodbye; a peer that does not read it would hold us up for ever. */
  stopTimeoutMs: 500,
})
