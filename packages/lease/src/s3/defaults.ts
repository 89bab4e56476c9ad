/** How a bucket is asked. Each number with its reason. */
export const s3Defaults: Readonly<
  Record<
    | 'maxAnswerBytes'
    | 'maxCredentialBytes'
    | 'connections'
    | 'swapRounds'
    | 'remembered'
    | 'trialMs'
    | 'credentialsMs'
    | 'renewBeforeMs'
    | 'renewRetryMs'
    | 'calmTtlMs',
    number
  >
> = Object.freeze({
  /** A record takes half a kilobyte, an error as XML a few; what is larger is something else. */
  maxAnswerBytes: 65_536,
  /** Session tokens take one to four kilobytes. */
  maxCredentialBytes: 65_536,
  /** All leases of a node at once, and connections in the making that a call has given up. */
  connections: 16,
  /** One as a rule; a version that is out of date and a conflict that passes take one each; more finds an editor at work. */
  swapRounds: 4,
  /** Leases of a node whose version is remembered, so that a renewal is one request; what is forgotten costs another. */
  remembered: 1_000,
  /** The trial of a store is some five requests; it goes on beyond the call that needed it. */
  trialMs: 15_000,
  /** A machine's metadata service is next to it; one that hangs is asked again. */
  credentialsMs: 5_000,
  /** Instance credentials are replaced some five minutes before their end, and work for all that time. */
  renewBeforeMs: 240_000,
  /** Between two attempts to get new ones while the old ones still work. */
  renewRetryMs: 10_000,
  /**
   * A request takes 30 to 200 ms as a rule and a second now and then; with an eighth of the ttl for one, 625 ms. Of four that
   * fail in a row none ends a right.
   */
  calmTtlMs: 5_000,
})
