/** How records answer from the health of targets. Each number with its reason. */
export const answeringDefaults: Readonly<
  Record<
    | 'lookEveryMs'
    | 'looksShare'
    | 'readsAtOnce'
    | 'healthEveryMs'
    | 'healthTimeoutMs'
    | 'readMs'
    | 'writeMs'
    | 'freshMs'
    | 'retryBaseMs'
    | 'retryCapMs'
    | 'graceMs'
    | 'repairBaseMs'
    | 'repairCapMs'
    | 'lateWriteMs'
    | 'blastShare'
    | 'blastAtLeast'
    | 'blastWithinMs'
    | 'firstLooksMs'
    | 'forceMs'
    | 'differMs'
    | 'mostRecords',
    number
  >
> = Object.freeze({
  /** What somebody edits by hand is noticed within half a minute; two calls a minute and record leave room for hundreds of records. */
  lookEveryMs: 30_000,
  /** Of what a provider allows over time: what looks may use; the rest is for changes, and for others with the same credentials. */
  looksShare: 0.25,
  /** A change that waits for looks waits for one round trip; and most providers count connections too. */
  readsAtOnce: 4,
  /** What a verdict of a pool takes at its fastest. */
  healthEveryMs: 1_000,
  /** A source in the same process answers at once; one behind a network that takes longer knows nothing newer. */
  healthTimeoutMs: 5_000,
  /** Providers give a call up after ten seconds as a rule; this is for one that does not. */
  readMs: 20_000,
  /** A look, a change and a look at a slow provider; then what it has to be is asked anew. */
  writeMs: 15_000,
  /** What was read is not read again for a write that begins within this. */
  freshMs: 50,
  /** Upper bound of the first pause after a failure: most of what a second try meets is over by then. */
  retryBaseMs: 500,
  /** Upper bound of every pause: answers that wait for the end of an outage wait no longer than this after it. */
  retryCapMs: 15_000,
  /** Nodes that look at the same targets see the same within some probes. */
  graceMs: 5_000,
  /** The pause after the first repair of an edit; it doubles with each that follows. */
  repairBaseMs: 30_000,
  /** Two that repair what the other writes come to one write in so long. */
  repairCapMs: 300_000,
  /** A call that was given up may be done so much later: queues of providers are minutes long at most. */
  lateWriteMs: 600_000,
  /** More than half of everything at once is what a sick observer sees; a data centre of two takes half with it. */
  blastShare: 0.5,
  /** As octoDNS has it: below ten values, a share says nothing. */
  blastAtLeast: 10,
  /** A cascade of verdicts takes some probes of a few seconds each. */
  blastWithinMs: 60_000,
  /** How long the first decision waits until all records were seen: for thousands of them that takes longer, and failures do not wait. */
  firstLooksMs: 10_000,
  /** How long people's word to change much at once holds. */
  forceMs: 60_000,
  /** How long two providers of one name may differ before it is told: a change at the slower one takes seconds. */
  differMs: 30_000,
  /** A file with more is written by a program, which can make several sets. */
  mostRecords: 10_000,
})
