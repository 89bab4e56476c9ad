import { engineDefaults } from './defaults.ts'

/** What the ticks of a process tell about it. */
export interface PauseWatch {
  readonly lastTickMs: number
  readonly sickUntilMs: number
  readonly pauseMs: number
  /** From how long on it is one. */
  readonly limitMs: number
}

export function beginPauseWatch(atMs: number, limitMs: number = engineDefaults.pauseMs): PauseWatch {
  return { lastTickMs: atMs, sickUntilMs: -Infinity, pauseMs: 0, limitMs }
}

/**
 * A tick has come. One that is late was a pause: timeouts that ran out in it prove nothing, and neither does what was seen
 * before. (Cassandra does not mark nodes down after a local pause; Sentinel's TILT mode.)
 */
export function tick(watch: PauseWatch, atMs: number): PauseWatch {
  const gapMs = atMs - watch.lastTickMs
  if (gapMs < watch.limitMs) return { ...watch, lastTickMs: atMs }
  return { ...watch, lastTickMs: atMs, sickUntilMs: atMs + engineDefaults.sickMs, pauseMs: gapMs }
}

/** Why the process does not trust itself; undefined while it does. A pause that no tick has shown yet counts too. */
export function sickness(watch: PauseWatch, atMs: number): string | undefined {
  const gapMs = atMs - watch.lastTickMs
  if (gapMs >= watch.limitMs) return told(gapMs)
  return atMs < watch.sickUntilMs ? told(watch.pauseMs) : undefined
}

function told(pauseMs: number): string {
  return `this process did not run for ${Math.round(pauseMs)} ms just now`
}
