/** What one record of an answering set publishes, and what it would no longer. */
export interface PendingRecord {
  /** Names the record within its set. */
  readonly key: string
  /** The values that are published now. */
  readonly published: readonly string[]
  /** Those that should be. */
  readonly desired: readonly string[]
}

/** A value that a change took out of the answers, a short while ago. */
export interface Withdrawal {
  readonly key: string
  readonly value: string
  /** Milliseconds of the clock's `monotonicMs`. */
  readonly atMs: number
}

export interface BlastLimit {
  /** The largest share of all published values that may be withdrawn within {@link withinMs}, above 0 and up to 1. */
  readonly share: number
  /** With fewer published values than this, there is no limit. */
  readonly atLeast: number
  readonly withinMs: number
}

export type BlastVerdict =
  | { readonly kind: 'allowed'; readonly withdrawals: readonly Withdrawal[] }
  /** Records that withdraw nothing may go on; these may not. */
  | { readonly kind: 'refused'; readonly held: readonly string[]; readonly withdrawn: number; readonly published: number }

/**
 * Whether so much may be withdrawn at once: what disappears from many records at the same time is more often the mistake of
 * whoever looks (a cut cable, a bad configuration) than the end of so many targets. Values that are added harm nobody, and do not
 * count. What was withdrawn within the window counts, so that a cascade one by one is no way around it; what came back does not.
 * Pure.
 *
 * @param lately former withdrawals, as they were allowed
 */
export function judgeBlast(
  records: readonly PendingRecord[],
  { lately, limit, atMs }: { readonly lately: readonly Withdrawal[]; readonly limit: BlastLimit; readonly atMs: number },
): BlastVerdict {
  const pending = records.flatMap(({ key, published, desired }) =>
    published.filter((value) => !desired.includes(value)).map((value): Withdrawal => ({ key, value, atMs })),
  )
  const still = stillWithdrawn(lately, records, limit.withinMs, atMs)
  const withdrawn = pending.length + still.length
  const published = records.reduce((sum, record) => sum + record.published.length, 0) + still.length
  const isTooMuch = published >= limit.atLeast && withdrawn > limit.share * published
  if (!isTooMuch || pending.length === 0) return { kind: 'allowed', withdrawals: [...still, ...pending] }
  return { kind: 'refused', held: [...new Set(pending.map(({ key }) => key))], withdrawn, published }
}

/** What was withdrawn within the window, and is neither published nor desired again. Each once. */
function stillWithdrawn(
  lately: readonly Withdrawal[],
  records: readonly PendingRecord[],
  withinMs: number,
  atMs: number,
): readonly Withdrawal[] {
  const newest = new Map<string, Withdrawal>()
  for (const each of lately) {
    const record = records.find(({ key }) => key === each.key)
    const isBack = record !== undefined && (record.published.includes(each.value) || record.desired.includes(each.value))
    if (record && !isBack && atMs - each.atMs < withinMs) newest.set(`${each.key} ${each.value}`, each)
  }
  return [...newest.values()]
}
