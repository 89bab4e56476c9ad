/** How the embedded server behaves. Each number with its reason. Times in milliseconds unless their name says seconds. */
export const serverDefaults: Readonly<
  Record<
    | 'payloadBytes'
    | 'amplification'
    | 'receiveBufferBytes'
    | 'queueBytes'
    | 'answersPerSecond'
    | 'slip'
    | 'rateEntries'
    | 'idleMs'
    | 'connections'
    | 'connectionsPerClient'
    | 'unsentBytes'
    | 'questionBytes'
    | 'questionsPerTurn'
    | 'transfers'
    | 'mostSets'
    | 'notifyFirstMs'
    | 'notifyAttempts'
    | 'soaTtlSeconds'
    | 'refreshSeconds'
    | 'retrySeconds'
    | 'expireSeconds'
    | 'minimumSeconds',
    number
  >
> = Object.freeze({
  /** The largest answer that crosses the internet in one piece (DNS flag day 2020). */
  payloadBytes: 1_232,
  /** Answers by UDP that are longer than so many times their question are given by TCP: a set of a dozen addresses fits, a weapon does not. */
  amplification: 16,
  /** Bursts wait there while something else has the processor: some thousand questions. The kernel gives what it allows. */
  receiveBufferBytes: 1_048_576,
  /** Of answers that the kernel does not take at once; past it questions are dropped, as a full buffer of the kernel does. */
  queueBytes: 262_144,
  /** For one name and one network. NSD's number: more than any resolver asks for a name that it may keep for a second. */
  answersPerSecond: 200,
  /** Every second one: a client behind a limit has an answer after two tries. NSD's and BIND's number. */
  slip: 2,
  /** 20 bytes each. A flood from more networks than that is none that a limit for each of them could stop. */
  rateEntries: 16_384,
  /** Silence on a connection, and the time that a question may take to arrive. RFC 7766, 6.2.3: a few seconds. Knot's number. */
  idleMs: 10_000,
  /** Some 10 KiB each. Past it, the one that has been silent for longest makes room. */
  connections: 512,
  /** Of one address: one client cannot take all. */
  connectionsPerClient: 64,
  /** Of answers that a client does not take; past it, its questions wait. */
  unsentBytes: 65_536,
  /** Of a question by TCP: it has a name of 255 bytes, and some options. */
  questionBytes: 4_096,
  /** Of one connection by TCP; then all others are heard. Resolvers send a few at once. */
  questionsPerTurn: 16,
  /** Of zones, at the same time. */
  transfers: 16,
  /** A change of names makes the table of all names anew: some 20 ms for so many; one of values alone takes two. */
  mostSets: 10_000,
  /** Until a secondary is told again: several times the way there and back; doubled each time. RFC 1996, 3.6, would wait a minute. */
  notifyFirstMs: 500,
  /** With the doubling some 15 s; after that it finds out by its refresh. RFC 1996's number is 5. */
  notifyAttempts: 5,
  soaTtlSeconds: 3_600,
  /** A secondary that missed every NOTIFY asks after so long: minutes, not the hours of RFC 1912, because changes matter here. */
  refreshSeconds: 300,
  retrySeconds: 60,
  /** Two weeks, as RFC 1912 has it: a secondary serves on without us for so long. */
  expireSeconds: 1_209_600,
  /** How long resolvers remember that a name is not there (RFC 2308): a name that appears in a failover is not to wait for an hour. */
  minimumSeconds: 60,
})
