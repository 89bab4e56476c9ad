/** When a target is looked at and how many results change its state. Each number with its reason. */
export const healthDefaults: Readonly<Record<'intervalMs' | 'rise' | 'fall' | 'trafficFailures', number>> = Object.freeze({
  /** With the numbers below a dead target is down within 3.5 s (`detectionBoundMs`), at one small request a second. */
  intervalMs: 1_000,
  /** As HAProxy: one lucky answer of a starting server does not bring it back. */
  rise: 2,
  /** As HAProxy: two lost packets in a row are bad luck, three are a failure. */
  fall: 3,
  /** As Envoy's `consecutive_5xx`: under load, traffic finds a dead target within milliseconds. */
  trafficFailures: 5,
})

/** The limits of one probe. Each number with its reason. */
export const probeDefaults: {
  readonly timeoutMs: number
  readonly method: 'GET'
  readonly expectStatus: string
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
} = Object.freeze({
  /**
   * Half an interval, so that a hanging target is still looked at every second. Below TCP's first retransmission
   * (1 s, RFC 6298): a lost packet is one failed probe of three. Raise it for targets over 100 ms away.
   */
  timeoutMs: 500,
  /** What every server answers; HEAD and OPTIONS are often wrong in applications. */
  method: 'GET',
  /** A redirect to a login page counts as alive. As HAProxy's `option httpchk`. */
  expectStatus: '200-399',
  /** Four times a usual health page; a bigger one is not read to its end. */
  maxBodyBytes: 65_536,
  /** Node's own limit, and nginx's and Apache's within a factor of two. */
  maxHeaderBytes: 16_384,
})

/** The limits of the monitor. Each number with its reason. */
export const monitorDefaults: Readonly<
  Record<'historySize' | 'maxConcurrentProbes' | 'startSpreadMs' | 'overrunMs' | 'stopTimeoutMs', number>
> = Object.freeze({
  /** Results kept for each target: enough to see a pattern, and 500 targets stay within a few megabytes. */
  historySize: 20,
  /** With the default timeout, 500 targets that all hang are still looked at every 2.5 s, on 100 sockets. */
  maxConcurrentProbes: 100,
  /** A target with a long interval is first looked at within this time, so that a start takes a second and not an interval. */
  startSpreadMs: 1_000,
  /** How much longer than its own deadline a probe may take before the monitor ends it: it is a broken probe. */
  overrunMs: 100,
  /** `stop()` waits this long for probes that it has aborted. They end at once; this is for the case that they do not. */
  stopTimeoutMs: 5_000,
})
