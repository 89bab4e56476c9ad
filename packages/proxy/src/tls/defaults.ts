interface TlsDefaults {
  readonly handshakeTimeoutMs: number
  readonly maxHandshakes: number
  readonly maxConcurrentStreams: number
}

/** Each number with its reason. */
export const tlsDefaults: TlsDefaults = Object.freeze({
  /** Two round trips and some arithmetic; with each of their packets lost once, Linux is through within 3 s. */
  handshakeTimeoutMs: 10_000,
  /** A thousand handshakes are about a second's work of one core; whoever comes behind more than that would time out anyway. */
  maxHandshakes: 1_000,
  /** As nginx; browsers open some 100 at a time. */
  maxConcurrentStreams: 128,
})
