/** When a target is looked at and how many results change its state. Each number with its reason. */
export const healthDefaults: Readonly<Record<'intervalMs' | 'rise' | 'fall' | 'trafficFailures', number>> = Object.freeze({
  /** With the numbers below a dead target is down within 3.5 s (`detectionBound`), at one small request a second. */
  intervalMs: 1_000,
  /** As HAProxy: one lucky answer of a starting server does not bring it back. */
  rise: 2,
  /** As HAProxy: two lost packets in a row are bad luck, three are a failure. */
  fall: 3,
  /** As Envoy's `consecutive_5xx`: under load, traffic finds a dead target within milliseconds. */
  trafficFailures: 5,
})

/** When a flapping target is held back, where damping is switched on. Each number with its reason. */
export const dampingDefaults: Readonly<
  Record<'holdAtFlapRatio' | 'releaseAtFlapRatio' | 'holdAtPenalty' | 'releaseAtPenalty' | 'penaltyHalfLifeMs' | 'maxHoldMs', number>
> = Object.freeze({
  /** As Nagios' `high_service_flap_threshold` (30 %): one outage, which is two changes in 21 results, has at most 12.5 %. */
  holdAtFlapRatio: 0.3,
  /** As Nagios' `low_service_flap_threshold` (20 %). */
  releaseAtFlapRatio: 0.2,
  /** In deaths: the third within half a minute. RFC 2439 has 3 flaps at the cutoff of its example; a decayed third would be just below it. */
  holdAtPenalty: 2.5,
  /** The weight of one fresh death: three in a row are held for some 95 s. */
  releaseAtPenalty: 1,
  /** RFC 2439 has 15 minutes, for routes of the whole Internet; a target of our own that works for a minute deserves a try. */
  penaltyHalfLifeMs: 60_000,
  /** A target that has answered for so long is needed more than it is feared. */
  maxHoldMs: 300_000,
})

/** When the monitor takes itself for the sick one. Each number with its reason. */
export const observerDefaults: Readonly<
  Record<
    | 'lagRatio'
    | 'maxDoubtMs'
    | 'settleMs'
    | 'suspendMs'
    | 'jumpMs'
    | 'massGroups'
    | 'massRatio'
    | 'massWindowMs'
    | 'massHoldMs'
    | 'wellAfterMs'
    | 'leastPulseMs'
    | 'mostPulseMs'
    | 'pulsesPerTimeout',
    number
  >
> = Object.freeze({
  /** A probe that had three quarters of its time was a fair try; a busy but sound loop loses less than a tenth. */
  lagRatio: 0.25,
  /** A loop that lags for longer than this is how this machine is, and what is silent for so long is more likely dead. */
  maxDoubtMs: 30_000,
  /** After a resume the network card, ARP and name servers need a few seconds. */
  settleMs: 5_000,
  /** Far above the 10 ms steps of the time since boot; nobody suspends for less. */
  suspendMs: 1_000,
  /** Above what NTP slews between two readings (0.5 ms a second), far below a pause that matters. */
  jumpMs: 2_000,
  /** Fewer unrelated targets than this may well die together: a rack, a power strip. */
  massGroups: 5,
  /** More than half: the larger part of what is looked at does not fail at once by chance. */
  massRatio: 0.5,
  /** Two of the default intervals: every target is looked at once, whatever its place. */
  massWindowMs: 2_000,
  /** Long enough for a switch to restart its port (spanning tree: 30 s); a data centre that is really dead is told of after it. */
  massHoldMs: 30_000,
  /** Without a doubt for so long: one lag is one pair of events. */
  wellAfterMs: 1_000,
  /** Timers are a millisecond coarse; more often would be work for its own sake. */
  leastPulseMs: 10,
  mostPulseMs: 100,
  /** A stall that begins right after a pulse hides for one period: a tenth of a probe's time does not matter. */
  pulsesPerTimeout: 10,
})

/** The limits of one probe. Each number with its reason. */
export const probeDefaults: {
  readonly timeoutMs: number
  readonly method: 'GET'
  readonly expectStatus: string
  readonly degradedStatus: number
  readonly followRedirects: number
  readonly httpVersion: '1.1'
  readonly warnDaysLeft: number
  readonly warnDays: readonly number[]
  readonly minVersion: 'TLSv1.2'
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
} = Object.freeze({
  /**
   * Half an interval, so that a hanging target is still looked at every second. Below TCP's first retransmission
   * (1 s, RFC 6298): a lost packet is one failed probe of three. Raise it for targets over 100 ms away.
   */
  timeoutMs: 500,
  /** What every server answers; HEAD and OPTIONS are often wrong in applications. */
  method: 'GET',
  /** A redirect to a login page counts as alive. As HAProxy's `option httpchk`. */
  expectStatus: '200-399',
  /** As Consul: who answers 429 works. Counted as failed, the limit that checks run into would take every target out at once. */
  degradedStatus: 429,
  /** The target that redirects is the one that was asked about. */
  followRedirects: 0,
  /** What every web server speaks, and the cheapest for one request. */
  httpVersion: '1.1',
  /** Half of what is left when usual renewals (30 days before the end) have gone wrong, and two working weeks. */
  warnDaysLeft: 14,
  /** A first word in good time, and two more while nobody acts. */
  warnDays: Object.freeze([21, 14, 7]),
  /** What is older is to be refused (RFC 8996); Node itself speaks nothing older. */
  minVersion: 'TLSv1.2',
  /** Four times a usual health page; a bigger one is not read to its end. */
  maxBodyBytes: 65_536,
  /** Node's own limit, and nginx's and Apache's within a factor of two. */
  maxHeaderBytes: 16_384,
})

/** The limits of the monitor. Each number with its reason. */
export const monitorDefaults: Readonly<
  Record<'historySize' | 'maxConcurrentProbes' | 'startSpreadMs' | 'overrunMs' | 'stopTimeoutMs', number>
> = Object.freeze({
  /** Results kept for each target: enough to see a pattern, and 500 targets stay within a few megabytes. */
  historySize: 20,
  /** With the default timeout, 500 targets that all hang are still looked at every 2.5 s, on 100 sockets. */
  maxConcurrentProbes: 100,
  /** A target with a long interval is first looked at within this time, so that a start takes a second and not an interval. */
  startSpreadMs: 1_000,
  /** How much longer than its own deadline a probe may take before the monitor ends it: it is a broken probe. */
  overrunMs: 100,
  /** `stop()` waits this long for probes that it has aborted. They end at once; this is for the case that they do not. */
  stopTimeoutMs: 5_000,
})

/** The limits of a script. */
export const scriptDefaults: Readonly<Record<'maxBytes', number>> = Object.freeze({
  /** Ten times what a banner, a greeting or a status line takes; and a pattern is searched in it within milliseconds. */
  maxBytes: 16_384,
})
