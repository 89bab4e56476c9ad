const numbers = {
  /** How often a child says that it is there. */
  aliveMs: 1_000,
  /** Silence after which it counts as hung: five of its words, and longer than any collection of garbage or stall of a busy machine that it survives by itself. */
  hungMs: 5_000,
  /** From the fork to the first word: loading takes half a second, on a machine that is drowned in work many times that. */
  startTimeoutMs: 30_000,
  /** The first restart is at once; from then on up to this, doubled each time. */
  restartBaseMs: 200,
  /** The longest wait before a restart: a worker is the site, so it is tried every few seconds for as long as it takes. */
  restartCapMs: 5_000,
  /** A life as long as this one shows that the next death is a new matter. */
  longLifeMs: 60_000,
  /** What a worker may take for its end beyond the drain of its slowest proxy, lame duck included. */
  workerGraceMs: 3_000,
  /** What a worker that another one has followed takes besides: it gives idle connections 6 s to bring another request. */
  idleGraceMs: 6_000,
  /** Workers that may drain beside the one that serves: as many reloads may follow each other without cutting anybody. Some 60 MB each. */
  mostRetiring: 3,
  /** What control may take for its end when another one follows: its answers need 0.5 s. Alerts that wait then are raised again by the next. */
  controlRetireMs: 1_500,
  /** What control may take after the worker's end: 5 s for alerts, 0.5 s for answers, and reserve. */
  controlGraceMs: 8_000,
  /** Messages that may wait for a child that does not read, in number; what comes then is dropped. Control asks again, states come anew. */
  mostUnread: 1_000,
  /** What happened while there was no control and is kept for the next one, in number. */
  mostWaiting: 200,
  /** How long a worker whose guard has died serves on, if no new guard asks for its ports. Long enough for a person who was woken up. */
  orphanMs: 600_000,
  /** How long a new guard waits for the ports of such a worker: its lame duck is 0.5 s. */
  handoverMs: 5_000,
} as const

/** How the guard and its children treat each other; each number has its reason above. */
export const processDefaults: typeof numbers = Object.freeze(numbers)
