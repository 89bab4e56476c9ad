import type { NetworkFault } from '@hotspare/core'

/** One connection that a client tried to make. Times are those of `sharedMs`. */
export interface Attempt {
  readonly startMs: number
  readonly endMs: number
  /** `skipped`: too many others were still open, which says nothing about the other side. */
  readonly outcome: 'ok' | 'skipped' | NetworkFault
  /** Who answered. */
  readonly node?: string | undefined
}

/** Successive answers of one node. */
export interface Answers {
  readonly node: string
  readonly fromMs: number
  readonly untilMs: number
  readonly count: number
}

/** Those that were under way in that time; what was open when a fault happened may fail of it. */
export function attemptsDuring(attempts: readonly Attempt[], fromMs: number, untilMs: number): readonly Attempt[] {
  return attempts.filter(({ startMs, endMs }) => endMs >= fromMs && startMs < untilMs)
}

/** How many failed, the client's own troubles left out. */
export function failedCount(attempts: readonly Attempt[]): number {
  return attempts.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'skipped').length
}

/**
 * The longest time in which no successful connection began, from the last success before `fromMs` up to `untilMs`: the time
 * between the starts of two successive connections that succeeded. Without an outage it is the noise of the measurement.
 */
export function longestGapMs(attempts: readonly Attempt[], fromMs: number, untilMs: number): number {
  const starts = attempts
    .flatMap(({ outcome, startMs }) => (outcome === 'ok' && startMs < untilMs ? [startMs] : []))
    .toSorted((a, b) => a - b)
  let before = starts.findLast((startMs) => startMs < fromMs) ?? fromMs
  let longestMs = 0
  for (const startMs of [...starts.filter((start) => start >= fromMs), untilMs]) {
    longestMs = Math.max(longestMs, startMs - before)
    before = startMs
  }
  return longestMs
}

/** Who answered when: a node that appears a second time shows that two took turns. */
export function answersOf(attempts: readonly Attempt[]): readonly Answers[] {
  const all: Answers[] = []
  for (const { outcome, node = '', startMs } of attempts.toSorted((a, b) => a.startMs - b.startMs)) {
    if (outcome !== 'ok') continue
    const last = all.at(-1)
    if (last?.node === node) all[all.length - 1] = { ...last, untilMs: startMs, count: last.count + 1 }
    else all.push({ node, fromMs: startMs, untilMs: startMs, count: 1 })
  }
  return all
}
