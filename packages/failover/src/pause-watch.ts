import { engineDefaults } from './defaults.ts'

/** What the ticks of a process tell about it. */
export interface PauseWatch {
  readonly lastTickMs: number
  readonly sickUntilMs: number
  readonly pauseMs: number
}

export function beginPauseWatch(atMs: number): PauseWatch {
  return { lastTickMs: atMs, sickUntilMs: -Infinity, pauseMs: 0 }
}

/**
 * A tick has come. One that is late was a pause: timeouts that ran out in it prove nothing, and neither does what was seen
 * before. (Cassandra does not mark nodes down after a local pause; Sentinel's TILT mode.)
 */
export function tick(watch: PauseWatch, atMs: number): PauseWatch {
  const gapMs = atMs - watch.lastTickMs
  if (gapMs < engineDefaults.pauseMs) return { ...watch, lastTickMs: atMs }
  return { lastTickMs: atMs, sickUntilMs: atMs + engineDefaults.sickMs, pauseMs: gapMs }
}

/** Why the process does not trust itself; undefined while it does. A pause that no tick has shown yet counts too. */
export function sickness(watch: PauseWatch, atMs: number): string | undefined {
  const gapMs = atMs - watch.lastTickMs
  if (gapMs >= engineDefaults.pauseMs) return told(gapMs)
  return atMs < watch.sickUntilMs ? told(watch.pauseMs) : undefined
}

function told(pauseMs: number): string {
  return `this process did not run for ${Math.round(pauseMs)} ms just now`
}
