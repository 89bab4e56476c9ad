/** What ping counted. */
export interface PingSummary {
  readonly sent: number
  readonly received: number
  /** Of the replies; undefined without one. */
  readonly averageMs: number | undefined
  /** What a router or the host itself said instead of replying: `Destination Host Unreachable`. */
  readonly refusal: string | undefined
}

/** iputils and BusyBox write it a little differently. */
const COUNTS = /^(\d{1,6}) packets transmitted, (\d{1,6})(?: packets)? received/m
const TIMES = /^(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = [\d.]{1,15}\/([\d.]{1,15})\//m
const REFUSAL = /^From [^\s]{1,100}:? icmp_seq=\d{1,6} ((?:Destination|Dest|Time|Packet|Source|Redirect|Parameter)[^\r\n]{1,80})$/m

/** Reads what ping wrote; undefined without its count at the end. */
export function parsePing(stdout: string): PingSummary | undefined {
  const counts = COUNTS.exec(stdout)
  if (!counts) return undefined
  const [sent, received] = [Number(counts[1]), Number(counts[2])]
  const averageMs = Number(TIMES.exec(stdout)?.[1] ?? Number.NaN)
  return { sent, received, averageMs: Number.isFinite(averageMs) ? averageMs : undefined, refusal: REFUSAL.exec(stdout)?.[1]?.trim() }
}
