import type { Attempt } from './attempts.ts'

/** A stretch of time, in milliseconds of `sharedMs`. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Within this time, two successive answers of one node are taken for one hold: nobody hands over and takes back so fast. */
const LONGEST_STEP_MS = 50

/**
 * When two nodes certainly held one address at the same time, by probes that reach one node each, whatever ARP says.
 *
 * A node accepted at some instant between the start and the end of a probe; it held throughout two successive probes that
 * were accepted, unless they lie far apart. So there are two holders where such stretches of both nodes meet, or where all
 * of one accepted probe lies in such a stretch of the other. What is only possible is not reported.
 */
export function overlaps(probesOfA: readonly Attempt[], probesOfB: readonly Attempt[]): readonly Span[] {
  const [a, b] = [holds(probesOfA), holds(probesOfB)]
  return a.flatMap((one) => b.flatMap((other) => overlapOf(one, other) ?? [])).toSorted((one, other) => one.fromMs - other.fromMs)
}

/** Times in which two nodes both had the address itself, whether or not it was to be reached. */
export function commonSpans(a: readonly Span[], b: readonly Span[]): readonly Span[] {
  return a.flatMap((one) => b.flatMap((other) => intersection(one, other) ?? []))
}

export function totalMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
}

/** Whether a node has accepted a connection since then. */
export function hasHeldSince(probes: readonly Attempt[], sinceMs: number): boolean {
  return probes.some(({ startMs, outcome }) => startMs >= sinceMs && outcome === 'ok')
}

/** Accepted probes in a row. */
interface Hold {
  readonly accepted: readonly Attempt[]
  /** Held from the end of the first to the start of the last; turned around where there is only one. */
  readonly certain: Span
}

function holds(probes: readonly Attempt[]): readonly Hold[] {
  const rows: Attempt[][] = []
  let row: Attempt[] | undefined
  for (const probe of probes.filter(({ outcome }) => outcome !== 'skipped').toSorted((a, b) => a.startMs - b.startMs)) {
    const before = row?.at(-1)
    if (probe.outcome !== 'ok') row = undefined
    else if (row && before && probe.startMs - before.startMs <= LONGEST_STEP_MS) row.push(probe)
    else rows.push((row = [probe]))
  }
  return rows.map((accepted) => ({
    accepted,
    certain: { fromMs: Math.min(...accepted.map(({ endMs }) => endMs)), toMs: accepted.at(-1)?.startMs ?? -Infinity },
  }))
}

function overlapOf(a: Hold, b: Hold): Span | undefined {
  // Two rows of one probe each, or one that is no stretch yet, meet nowhere for certain.
  if (isProper(a.certain) && isProper(b.certain)) return intersection(a.certain, b.certain) ?? within(a, b) ?? within(b, a)
  return within(a, b) ?? within(b, a)
}

/** The first probe of one that lies in the certain stretch of the other. */
function within(one: Hold, { certain }: Hold): Span | undefined {
  const probe = one.accepted.find(({ startMs, endMs }) => certain.fromMs <= startMs && endMs <= certain.toMs)
  return probe && { fromMs: probe.startMs, toMs: probe.endMs }
}

function intersection(a: Span, b: Span): Span | undefined {
  const both = { fromMs: Math.max(a.fromMs, b.fromMs), toMs: Math.min(a.toMs, b.toMs) }
  return isProper(both) ? both : undefined
}

function isProper({ fromMs, toMs }: Span): boolean {
  return fromMs < toMs
}
