/** What the embedded server has counted since it was made. */
export interface DnsServerStats {
  readonly udpQuestions: number
  readonly tcpQuestions: number
  /** Answers that were written, by rcode: `NOERROR`, `NXDOMAIN`, ... */
  readonly answers: Readonly<Record<string, number>>
  /** Answers by UDP that said: ask by TCP. Those of the rate limit are among them. */
  readonly truncated: number
  /** Answers that the rate limit held back, or replaced by one that says: ask by TCP. */
  readonly limited: number
  /** Questions that were dropped because the kernel takes no more answers. */
  readonly overrun: number
  /** What was no question: too short, or an answer. */
  readonly ignored: number
  /** Connections that are open. */
  readonly connections: number
  readonly transfers: number
}

/** Counters that cost an addition. */
export class Counts {
  udpQuestions = 0
  tcpQuestions = 0
  truncated = 0
  limited = 0
  overrun = 0
  ignored = 0
  transfers = 0
  /** By rcode; those from 16 on are kept with 16, BADVERS. */
  readonly answers: Float64Array = new Float64Array(17)
}
