/** For how long a process has not reported, in the time in which its parent could have heard it. */
export interface Watch {
  readonly lookedMs: number
  readonly silentMs: number
}

export function beginWatch(atMs: number): Watch {
  return { lookedMs: atMs, silentMs: 0 }
}

/**
 * One look, meant to come every `everyMs`. Between two looks the parent reads what was told, so a look counts for no more
 * than that, however late it comes: a parent that stood still has let the words wait, and blames nobody.
 */
export function look(watch: Watch, atMs: number, everyMs: number): Watch {
  return { lookedMs: atMs, silentMs: watch.silentMs + Math.min(atMs - watch.lookedMs, everyMs) }
}
