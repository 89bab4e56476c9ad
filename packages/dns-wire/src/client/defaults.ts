/** How the client asks. Each number with its reason. */
export const clientDefaults: Readonly<Record<'timeoutMs' | 'attempts' | 'strayAnswers' | 'port', number>> = Object.freeze({
  /** Longer than a busy primary takes to write an update to its journal, as dig's. */
  timeoutMs: 5_000,
  /** A question is sent this often over UDP within the time: one lost datagram, or two, is no failed call. */
  attempts: 3,
  /** Datagrams that answer no question of ours are left aside, up to here: then it is a flood, and asked over TCP. */
  strayAnswers: 32,
  port: 53,
})
