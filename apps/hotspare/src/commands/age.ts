import { formatDuration } from '@hotspare/core'

/** How long ago something was, in whole seconds; nothing is older than never, whatever a clock was set to. */
export function age(since: number, nowMs: number): string {
  return formatDuration(Math.max(0, Math.round((nowMs - since) / 1_000) * 1_000))
}
