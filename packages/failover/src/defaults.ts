/** How decisions are damped. Each number with its reason; all in milliseconds but `unfitAfter` and the last. */
export const decisionDefaults: Readonly<
  Record<
    | 'settleMs'
    | 'staggerMs'
    | 'aloneMs'
    | 'yieldMs'
    | 'retryBaseMs'
    | 'retryCapMs'
    | 'letGoCapMs'
    | 'forgetMs'
    | 'unfitAfter'
    | 'maxFailoversPerHour'
    | 'orderMs'
    | 'undecidedMs',
    number
  >
> = Object.freeze({
  /** Longer than the 1.6 s in which a heartbeat with its defaults hears a living peer, or knows that it is silent. */
  settleMs: 2_000,
  /** Taking a free lease is two calls to the arbiter and a few frames: some 10 ms, and much more on a loaded machine. */
  staggerMs: 500,
  /** By then the right of a dead node has run out, with a ttl of two seconds or less; a node that lives has it still. */
  yieldMs: 4_000,
  /** A node that is restarted, or reads a new file, is back within half a minute. */
  aloneMs: 60_000,
  /** Pause after a plan that failed, doubled with each further failure. */
  retryBaseMs: 250,
  /** A cable that was plugged in again is used within this. */
  retryCapMs: 10_000,
  /** What has to be let go of is tried again at this pace at least: each attempt costs a few calls to the kernel. */
  letGoCapMs: 1_000,
  /** A node that failed gets another chance after a minute without an attempt. */
  forgetMs: 60_000,
  /** One failure is a blip and two are bad luck; by then some 0.75 s have passed. */
  unfitAfter: 3,
  /**
   * How long a service waits for one of higher priority: rights of one node end within a ttl of each other, two seconds, and a takeover
   * takes one more on a machine that is busy with several.
   */
  orderMs: 5_000,
  /**
   * How long after the start a preferred member is waited for that lives and has not told how it is: what checks there is a process of
   * its own, which starts within two or three seconds on a machine that is busy starting.
   */
  undecidedMs: 5_000,
  /** A service that flaps moves a few times, and then people are better placed to end it. */
  maxFailoversPerHour: 6,
})

/** The pace of the engine. Each number with its reason; all in milliseconds but the last. */
export const engineDefaults: Readonly<
  Record<
    | 'tickMs'
    | 'observeMs'
    | 'observeTimeoutMs'
    | 'reportMs'
    | 'reportTimeoutMs'
    | 'reportMaxAgeMs'
    | 'checkMaxAgeMs'
    | 'servedMaxAgeMs'
    | 'pauseMs'
    | 'sickMs'
    | 'handedOverMs'
    | 'concernMs'
    | 'guestSlackMs'
    | 'commandMs'
    | 'stopMs'
    | 'confirmations'
    | 'consentMs'
    | 'consentPollMs',
    number
  >
> = Object.freeze({
  /** How often it looks again without being told: a lease that runs out is seen this late at most, at some 0.2 % of a processor. */
  tickMs: 50,
  /** How often resources are looked at: a flushed interface is mended within about a second. */
  observeMs: 1_000,
  /** A look is a few calls to the kernel, or one to a provider; beyond this nothing is known of the resource. */
  observeTimeoutMs: 5_000,
  /** How often nodes tell each other how they are, besides at each change. */
  reportMs: 500,
  reportTimeoutMs: 1_000,
  /** A few reports may be lost; what is older says nothing. */
  reportMaxAgeMs: 3_000,
  /** Whoever checks says so at least every second; after three he is taken for dead, and the check for unknown. */
  checkMaxAgeMs: 3_000,
  /** Looks at the address come several times a second while they matter. */
  servedMaxAgeMs: 1_000,
  /** A tick that comes this late was a pause of the process: what was seen before it is old, and what timed out in it proves nothing. */
  pauseMs: 300,
  /** After a pause, answers that waited for us are let pass for so long before anything is believed. */
  sickMs: 500,
  /** What a successor says of its right is believed until our own look at the arbiter is certain to have been answered. */
  handedOverMs: 2_000,
  /** People are told of what lasts, and not of the moments between two steps. */
  concernMs: 1_000,
  /** A node that works on another one's plan waits for its next step so much longer than the step may take. */
  guestSlackMs: 1_000,
  /** For a command that another node carries out, beyond what its steps may take. */
  commandMs: 30_000,
  /** For handing everything over before the end; systemd waits 90 s. */
  stopMs: 15_000,
  /** How often the arbiter is asked after the right that a plan was run under; each time takes two of its calls at most, a quarter of the ttl. */
  confirmations: 3,
  /** A member that answers has this long to let go before it is fenced: some calls to the kernel, or the end of a script. */
  consentMs: 2_000,
  /** How often it is asked meanwhile. */
  consentPollMs: 100,
})

/** The right where no arbiter keeps it. Each number with its reason; all in milliseconds. */
export const peerLeaseDefaults: Readonly<Record<'tickMs' | 'tellMs' | 'timeoutMs' | 'settleMs' | 'validMs', number>> = Object.freeze({
  /** As the engine's own. */
  tickMs: 50,
  /** How often members repeat who has it, besides at each change: two that were cut apart agree within this. */
  tellMs: 500,
  /** An answer comes within a millisecond on a network that is well. */
  timeoutMs: 500,
  /** Members that were never heard since the start are waited for as long as the heartbeat takes to hear them. */
  settleMs: 2_000,
  /** As long as a pause may be before it is noticed. */
  validMs: 300,
})
