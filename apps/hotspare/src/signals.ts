/** One Ctrl-C can arrive twice: from the terminal, which signals the whole group, and again from the npm in front of us. */
const ECHO_MS = 1_000

/**
 * What a signal of the operator means: the first one drains, and a later one ends the process at once. An echo of the
 * first does neither.
 *
 * @param firstMs when the first one came, by the monotonic clock; undefined: this is the first
 */
export function meaningOfSignal(firstMs: number | undefined, nowMs: number): 'drain' | 'ignore' | 'end' {
  if (firstMs === undefined) return 'drain'
  return nowMs - firstMs < ECHO_MS ? 'ignore' : 'end'
}
