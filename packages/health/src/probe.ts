/** Why a probe failed. Stable words: match on these, show `detail` to people. */
export type ProbeFailure =
  /** The name could not be looked up. */
  | 'dns'
  /** Nothing listens on the port. */
  | 'refused'
  /** No route to the host or its network. */
  | 'unreachable'
  /** The deadline passed, in whatever phase; `detail` names the phase. */
  | 'timeout'
  /** TLS could not be agreed on, or the certificate is not to be trusted. */
  | 'tls'
  /** The other side tore the connection down (TCP RST). */
  | 'reset'
  /** The other side closed the connection before its answer was whole. */
  | 'closed'
  /** What came back is not HTTP. */
  | 'protocol'
  /** The header went on past the limit. */
  | 'header-overflow'
  /** A whole answer, but with a status that was not expected. */
  | 'status'
  /** A good status, but the expected text is not in the body. */
  | 'body'
  /** Something else: most likely a probe that threw. */
  | 'error'

/** What one look at a target showed. */
export type ProbeResult =
  | {
      readonly outcome: 'pass'
      readonly durationMs: number
      /** One clause for people: `200 OK, 15 bytes`. */
      readonly detail: string
    }
  | {
      readonly outcome: 'fail'
      readonly durationMs: number
      readonly reason: ProbeFailure
      /** One clause for people: `connection refused`. */
      readonly detail: string
    }
  /** The fault is this machine's own, so that the target was never asked: it counts neither for nor against it. */
  | {
      readonly outcome: 'inconclusive'
      readonly durationMs: number
      /** One clause for people: `this machine could not look: connect EMFILE`. */
      readonly detail: string
    }

/**
 * One way of looking at one target. A driver of this interface:
 * - never throws for something that can happen to a target: that is a result;
 * - has one deadline, `timeoutMs`, over everything it does: name, connection, TLS, header and the body it reads;
 * - rejects with the caller's reason when the caller's signal aborts, and then leaves nothing open;
 * - reads and keeps a bounded amount, whatever the target sends;
 * - may run more than once at a time, although the monitor never does that.
 */
export interface Probe {
  /** `http`, `tcp`, ... */
  readonly type: string
  /** What it looks at, for people. Holds no secret. */
  readonly address: string
  /** The deadline of one run, in milliseconds. */
  readonly timeoutMs: number
  run(options?: { readonly signal?: AbortSignal | undefined }): Promise<ProbeResult>
}
