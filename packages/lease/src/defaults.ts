/** Limits of one call to a register. Each number with its reason. */
export const registerDefaults: Readonly<Record<'timeoutMs', number>> = Object.freeze({
  /** Ten times what a healthy store takes on a slow disk; the lease gives its own, shorter deadline with each call. */
  timeoutMs: 1_000,
})

/** Connections to registers that speak HTTP. Each number with its reason. */
export const httpDefaults: Readonly<Record<'connectTimeoutMs' | 'idleMs' | 'hedges', number>> = Object.freeze({
  /** Before Linux repeats a lost SYN: a new try comes no later than that, and none hangs on after the network is back. */
  connectTimeoutMs: 1_000,
  /** Longer than the pause between two renewals of a long lease, so that these do not pay for a handshake each. */
  idleMs: 30_000,
  /** An endpoint that hangs costs a third of a call's time at most; with more than three endpoints, less: each gets its turn. */
  hedges: 3,
})

/** The times of a lease, as shares of its ttl; {@link timingChain} holds with them. Each number with its reason. */
export const timingDefaults: Readonly<
  Record<
    | 'renewShare'
    | 'callTimeoutShare'
    | 'retryShare'
    | 'pollShare'
    | 'reserveShare'
    | 'timerLatenessShare'
    | 'clockRateError'
    | 'kernelLatenessMs'
    | 'shortestTtlMs',
    number
  >
> = Object.freeze({
  /** Six renewals in a ttl: with the shares below, four calls in a row may fail before a right ends. */
  renewShare: 1 / 6,
  /** 250 ms at a ttl of 2 s, where a healthy store answers in 1 to 10 ms; as short as that so that repetitions fit in. */
  callTimeoutShare: 1 / 8,
  /** A short breath: the calls themselves are the pace at which a broken store is asked. */
  retryShare: 1 / 40,
  /** A released lease is taken over within a tenth of the ttl and two calls. */
  pollShare: 1 / 10,
  /** What the margin has beyond the clock rate error (15.4 % of the ttl) and late timers (2.5 %). */
  reserveShare: 1 / 50,
  /** 50 ms at a ttl of 2 s: what a loaded machine does to a timer. */
  timerLatenessShare: 1 / 40,
  /** chrony slews a clock by up to 83,333 ppm (its `maxslewrate`), and Linux's monotonic clock follows it. */
  clockRateError: 0.0834,
  /** A quarter of a second: the grid on which Linux looks for addresses whose lifetime is over. */
  kernelLatenessMs: 250,
  /** Below this, late timers and the steps of 10 ms in which Linux tells the time since boot eat up the margin. */
  shortestTtlMs: 250,
})

/** What else a lease goes by. Each number with its reason. */
export const leaseDefaults: Readonly<Record<'gapShare' | 'suspendMs' | 'settleCalls' | 'readingMs' | 'readings', number>> = Object.freeze({
  /** A pause of a quarter of the ttl is far beyond scheduling noise, and well before the right ends. */
  gapShare: 1 / 4,
  /** Every suspend counts as time; one of this length is reason to ask the register as well. */
  suspendMs: 100,
  /** Clocks that took longer than this to be read were not read at one moment: they are read again, */
  readingMs: 1,
  /** up to this often, since a machine may be that busy all the time. */
  readings: 3,
  /** How many calls' deadlines a release or a confirmation may take: one call that hangs and one that works. */
  settleCalls: 2,
})

/** How a locked SQLite file is waited for; the whole wait ends at the call's deadline. Each number with its reason. */
export const sqliteDefaults: Readonly<Record<'busyMs' | 'baseMs' | 'capMs', number>> = Object.freeze({
  /** SQLite's own wait, which blocks the event loop: long enough for a reader to be done, too short to be felt. */
  busyMs: 5,
  /** Upper bound of the first pause: a write on a solid-state disk takes some 2 ms. */
  baseMs: 4,
  /** Upper bound of every pause: a hard disk writes in 50 ms, and longer pauses leave a free file unused. */
  capMs: 50,
})

/** How etcd is asked. Each number with its reason. */
export const etcdDefaults: Readonly<
  Record<'maxEndpoints' | 'maxAnswerBytes' | 'maxTokenCharacters' | 'connections' | 'authenticateMs' | 'swapRounds', number>
> = Object.freeze({
  /** Clusters have three to seven members; more than this is a mistake in a configuration. */
  maxEndpoints: 16,
  /** A record takes half a kilobyte; what is larger is something else. */
  maxAnswerBytes: 1_048_576,
  /** Node and Go accept headers of 16 KiB and more; simple tokens take 20 characters, those of JWT several hundred. */
  maxTokenCharacters: 8_192,
  /** To one endpoint: all leases of a node at once, and connections in the making that a call has given up. */
  connections: 16,
  /** etcd checks a password with bcrypt, 0.1 s of a processor and more on a loaded machine; it goes on beyond the call that needed it. */
  authenticateMs: 5_000,
  /** One as a rule, two for a record that was written in another form; a third finds an editor at work. */
  swapRounds: 3,
})

/** The witness and its clients. Each number with its reason. */
export const witnessDefaults: Readonly<
  Record<
    | 'maxLeases'
    | 'maxConnections'
    | 'maxWaitingSwaps'
    | 'maxHeaderBytes'
    | 'requestTimeoutMs'
    | 'writeTimeoutMs'
    | 'keepAliveTimeoutMs'
    | 'maxAnswerBytes'
    | 'connections',
    number
  >
> = Object.freeze({
  /** Far more than two nodes have services; the file is then some 200 KB, and is written with each swap. */
  maxLeases: 1_000,
  /** A node keeps one to four: room for sixty nodes. */
  maxConnections: 256,
  /** As many as all connections can have sent; beyond it, an answer would come after its deadline anyway. */
  maxWaitingSwaps: 1_000,
  /** Twenty times what a request of ours has: room for what a reverse proxy adds. */
  maxHeaderBytes: 8_192,
  /** A request is one packet; even with one lost twice it is there within 4 s. */
  requestTimeoutMs: 5_000,
  /** A disk that takes longer is broken; callers have given up long before. */
  writeTimeoutMs: 5_000,
  /** Longer than clients keep an idle connection, so that the side that sends is the one that closes. */
  keepAliveTimeoutMs: 65_000,
  /** A record takes half a kilobyte; what is larger is something else. */
  maxAnswerBytes: 16_384,
  /** One or two as long as calls come one by one; the leases of a node may ask at the same time, and a call that hangs holds up no other. */
  connections: 4,
})

/** Connections to PostgreSQL, and how a call's time is shared with it. Each number with its reason. */
export const postgresDefaults: Readonly<Record<'maxConnections' | 'maxTargets' | 'lockShare' | 'statementShare' | 'keepAliveMs', number>> =
  Object.freeze({
    /** One renews while the other waits for a locked row; a server has some hundred for everybody. */
    maxConnections: 2,
    /** A primary and more standbys than anybody runs. */
    maxTargets: 16,
    /** The server stops waiting for a lock first, and says so by name; */
    lockShare: 0.7,
    /** then it stops a slow statement; and what is left of the time is for its answer to reach us. */
    statementShare: 0.85,
    /** Silent connections are kept open across firewalls, whose shortest memory is some 30 s. */
    keepAliveMs: 10_000,
  })
