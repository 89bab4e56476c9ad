/** The shortest interval: a path's jitter and the lateness of timers are milliseconds each. */
export const SHORTEST_INTERVAL_MS = 10

/** How often beats go out and when silence convicts. Each number with its reason. */
export const heartbeatDefaults: Readonly<
  Record<
    | 'intervalMs'
    | 'timeoutBeats'
    | 'rise'
    | 'maxAgeMs'
    | 'receiveBufferBytes'
    | 'goodbyes'
    | 'goodbyeSpacingMs'
    | 'dropReportMs'
    | 'bindRetryMs'
    | 'bindAnewMs'
    | 'startTimeoutMs'
    | 'stopTimeoutMs',
    number
  >
> = Object.freeze({
  /** Ten small packets a second and path: some 1.5 kB/s. A tenth of it is measured to cost false takeovers under load. */
  intervalMs: 100,
  /**
   * Silence of so many intervals convicts, 1,500 ms at 100 ms. That all of them are lost has the probability
   * `lossRatio ** timeoutBeats`, 1.4e-8 for each beat at 30 % loss; with jitter the last may come too late, then the
   * exponent is one less. No pause of garbage collection and no busy core that was measured is as long.
   */
  timeoutBeats: 15,
  /** As HAProxy's `rise`: one lucky beat does not bring a silent peer back. First contact and a restart need one beat. */
  rise: 2,
  /**
   * How old a beat may be when it arrives. Above what full buffers of routers add (seconds), and short, because it is
   * also how long a packet that was held back by an attacker can pass for news.
   */
  maxAgeMs: 5_000,
  /** What one socket holds while this process does not read: some 300 beats, as the kernel doubles it; a flood gets no more. */
  receiveBufferBytes: 131_072,
  /** How often a goodbye is said: at 30 % loss it is not heard at all in 2.7 % of the cases, and then the timeout finds out. */
  goodbyes: 3,
  /** Between two goodbyes, so that one full queue does not swallow them all. `stop()` takes twice this. */
  goodbyeSpacingMs: 10,
  /** Dropped packets are told of in one event for this long, so that a flood of packets is no flood of events. */
  dropReportMs: 10_000,
  /** An address of ours that is not there yet (a link that comes up, IPv6's duplicate detection: 1-2 s) is tried again this often. */
  bindRetryMs: 1_000,
  /** A socket from which nothing can be sent for so long, because its address is gone, is bound anew: what merely flaps is back by then. */
  bindAnewMs: 3_000,
  /** To read and write the counter's file and to bind the sockets: milliseconds each, unless the disk hangs. */
  startTimeoutMs: 5_000,
  /** To say goodbye and close. */
  stopTimeoutMs: 2_000,
})

/** The phi accrual detector. Each number with its reason. */
export const phiDefaults: Readonly<
  Record<'threshold' | 'windowSize' | 'minSigmaIntervals' | 'acceptablePauseIntervals' | 'maxLimitFactor', number>
> = Object.freeze({
  /** One wrong conviction in 1e8 beats if gaps were normal; 8 is the choice of the paper's users, Cassandra and Pekko. */
  threshold: 8,
  /** The last 20 s at 100 ms: follows a network that changes, and is little to add up. */
  windowSize: 200,
  /** In intervals. Without a floor, a quiet network makes the detector so sure that 1 ms of lateness convicts. */
  minSigmaIntervals: 0.5,
  /** In intervals. Gaps from lost packets are no normal distribution, their tail is thicker: ten lost in a row are allowed on top. */
  acceptablePauseIntervals: 10,
  /**
   * Times the limit before anything was learnt: 5.5 s at 100 ms. A network that needs more is better served by a longer interval; and
   * who can hold packets back could otherwise teach the detector, gap by gap, to wait for ever.
   */
  maxLimitFactor: 4,
})

/** How the counter is kept in a file. Each number with its reason. */
export const counterDefaults: Readonly<Record<'blockSize' | 'timeoutMs', number>> = Object.freeze({
  /**
   * Numbers reserved with one write: at 100 ms a write every 5 minutes, because the next block is asked for in the middle of one. A
   * process that is killed leaves the rest unused, which puts its numbers 6 s ahead of the wall clock at most.
   */
  blockSize: 6_000,
  /** A disk that has not answered by then hangs. */
  timeoutMs: 4_000,
})

/** The heartbeat in a process of its own. Each number with its reason. */
export const processDefaults: Readonly<
  Record<
    'startTimeoutMs' | 'stopTimeoutMs' | 'snapshotMs' | 'watchMs' | 'hungMs' | 'mostNews' | 'longLifeMs' | 'restartBaseMs' | 'restartCapMs',
    number
  >
> = Object.freeze({
  /** A process of Node is up in 50 to 500 ms; on a machine under full load it may take some seconds. */
  startTimeoutMs: 15_000,
  /** The goodbyes take 40 ms; the rest is for a loaded machine. */
  stopTimeoutMs: 3_000,
  /** For counters and round trips, and the sign of life of the process; what changes a verdict is told at once. */
  snapshotMs: 1_000,
  /** How often its silence is looked at: often enough that a pause of ours, which counts for one look, is far from `hungMs`. */
  watchMs: 250,
  /** Three snapshots that did not come: the process stands still, or gets no time, and with the defaults its peers have convicted this node already. */
  hungMs: 3_000,
  /** News that wait for a parent that does not read: three changes of everything at 128 peers with 8 paths, some 1 MB. */
  mostNews: 4_096,
  /** A process that lived for longer was well: the next one is started at once. */
  longLifeMs: 5_000,
  /** The first restart is at once; what keeps failing is tried again at this pace, doubled each time, */
  restartBaseMs: 100,
  /** up to this one: beats that are away for longer are a conviction anyway. */
  restartCapMs: 1_000,
})
