import { getPriority, setPriority } from 'node:os'

/** Ahead of what serves users, which can fill every core: renewals, heartbeats and takeovers are short and must not wait. */
const GUARD_PRIORITY = -10
const CHILD_PRIORITY = 0

/** Puts the guard ahead of other processes, where that is permitted: as root, with CAP_SYS_NICE, or by `Nice=` of systemd. */
export function raisePriority(): void {
  if (getPriority() > GUARD_PRIORITY) trySetPriority(GUARD_PRIORITY)
}

/** Takes back what a child has inherited: probes and requests are no more urgent than anybody else's. */
export function lowerPriority(): void {
  if (getPriority() < CHILD_PRIORITY) trySetPriority(CHILD_PRIORITY)
}

function trySetPriority(priority: number): void {
  try {
    setPriority(priority)
  } catch {
    // Not permitted: it competes like everything else.
  }
}
