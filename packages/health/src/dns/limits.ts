/** The limits of a DNS probe. Each number with its reason. */
export const dnsLimits: {
  readonly sends: number
  readonly strayAnswers: number
  readonly servers: number
  readonly expectedAnswers: number
} = Object.freeze({
  /** A question is sent this often within the deadline, evenly spread: one lost datagram, or two, is no failed probe. */
  sends: 3,
  /** Datagrams that answer no question of ours are left aside, up to here: it is then a flood, or another protocol. */
  strayAnswers: 32,
  /** Other servers whose serial is compared; a zone has some 13 at most. */
  servers: 32,
  /** Records that may be named in an expectation; a longer list belongs into a check of its own. */
  expectedAnswers: 64,
})
