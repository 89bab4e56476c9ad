import { systemClock } from '@hotspare/core'

/** Milliseconds of the clock that all processes of a machine share; `performance.now()` starts anew in each of them. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What a wall-clock time, in milliseconds since the Unix epoch, is on that clock: for programs that print no other. */
export function wallToSharedMs(wallMs: number): number {
  return wallMs - systemClock.wallMs() + sharedMs()
}
