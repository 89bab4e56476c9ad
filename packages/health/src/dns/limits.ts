/** The limits of a DNS probe. Each number with its reason. */
export const dnsLimits: {
  readonly sends: number
  readonly udpPayloadBytes: number
  readonly strayAnswers: number
  readonly servers: number
  readonly labels: number
  readonly expectedAnswers: number
} = Object.freeze({
  /** A question is sent this often within the deadline, evenly spread: one lost datagram, or two, is no failed probe. */
  sends: 3,
  /** Told to the server by EDNS: the largest answer that crosses the internet in one piece (DNS flag day 2020). */
  udpPayloadBytes: 1_232,
  /** Datagrams that answer no question of ours are left aside, up to here: it is then a flood, or another protocol. */
  strayAnswers: 32,
  /** In all the names of a message: two bytes may stand for a name of 127 labels, so that 64 KiB can take half a second to spell out. */
  labels: 16_384,
  /** Other servers whose serial is compared; a zone has some 13 at most. */
  servers: 32,
  /** Records that may be named in an expectation; a longer list belongs into a check of its own. */
  expectedAnswers: 64,
})
