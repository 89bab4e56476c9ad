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
  /** What came back is not the protocol that was spoken. */
  | 'protocol'
  /** The header went on past the limit. */
  | 'header-overflow'
  /** A whole answer, but with a status that was not expected. */
  | 'status'
  /** A good status, but the expected text is not in the body. */
  | 'body'
  /** A whole answer, in which the target itself says that it is not well: `NOT_SERVING`, `-MASTERDOWN`, `SERVFAIL`. */
  | 'unwell'
  /** A whole answer, but another than the check expects: a text, a role, a record, a serial. */
  | 'unexpected'
  /** What was measured is beyond the limit of the check. */
  | 'limit'
  /** A program ended with an exit code that means failure, or was ended. */
  | 'exit'
  /** A job that has to report in has not done so in time. */
  | 'missed'
  /** Something else: most likely a probe that threw. */
  | 'error'

/** A part of a probe, in the order in which they follow each other; which of them there are is a matter of the protocol. */
export type ProbePhaseName = 'dns' | 'connect' | 'tls' | 'first-byte' | 'transfer'

/** How long a part of a probe took, in milliseconds. */
export interface ProbePhase {
  readonly name: ProbePhaseName
  readonly tookMs: number
}

/** What a target says of itself, for whoever sends it traffic. */
export interface ProbeAdvice {
  /** Its share of its usual weight: 0.75 for 75 %. */
  readonly weight?: number | undefined
  /** What its operator wants. */
  readonly admin?: 'ready' | 'draining' | 'maintenance' | undefined
}

/** What every result says. */
export interface ProbeFacts {
  readonly durationMs: number
  /** One clause for people: `200 OK, 15 bytes`. */
  readonly detail: string
  /** The phases that have ended, in their order. */
  readonly phases?: readonly ProbePhase[] | undefined
  /** What was measured, by names that end in their unit: `lag-seconds`, `certificate-days`, `used-ratio`. For thresholds and metrics. */
  readonly measures?: Readonly<Record<string, number>> | undefined
  /** Something that people should look after, which is no fault of today: `the certificate ends in 12 days`. Apart from up and down. */
  readonly warning?: string | undefined
  readonly advice?: ProbeAdvice | undefined
}

/** What one look at a target showed. */
export type ProbeResult = ProbeFacts &
  (
    | { readonly outcome: 'pass' }
    /** It works, and not as it should: it loads its data, its replica lags, its check script warns. Counts as passed, and makes it `degraded`. */
    | { readonly outcome: 'degraded' }
    | {
        readonly outcome: 'fail'
        readonly reason: ProbeFailure
        /** Whether the target has said so itself, so that nothing has to be counted. */
        readonly immediate?: boolean | undefined
      }
    /** The fault is this machine's own, so that the target was never asked: it counts neither for nor against it. */
    | { readonly outcome: 'inconclusive' }
  )

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
