/** For how long a child process has told nothing, in the time in which its parent could have heard it. */
export interface SilenceWatch {
  readonly lookedMs: number
  readonly silentMs: number
}

/** @param atMs now, by the monotonic clock: it has just told something, or was just started */
export function beginSilenceWatch(atMs: number): SilenceWatch {
  return { lookedMs: atMs, silentMs: 0 }
}

/**
 * One look, meant to come every `everyMs`. Between two looks the parent reads what was told, so a look counts for no more
 * than that, however late it comes: a parent that stood still has let the words wait, and blames nobody.
 */
export function lookForSilence(watch: SilenceWatch, atMs: number, everyMs: number): SilenceWatch {
  return { lookedMs: atMs, silentMs: watch.silentMs + Math.min(atMs - watch.lookedMs, everyMs) }
}
