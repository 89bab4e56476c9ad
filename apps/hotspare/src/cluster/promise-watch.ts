import { type BeatTimings, type HeartbeatPromise, seenFalseAlarms } from '@hotspare/heartbeat'
import type { HeartbeatPromiseEvent } from './events.ts'

/** What the heartbeat is to keep, and the times it has for it. */
export interface PromisedTimes {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly promise: HeartbeatPromise
}

/** So often the measurement is looked at, in milliseconds: what it counts changes little in less. */
export const PROMISE_LOOK_MS = 60_000

/** A promise that is broken is kept again when the measurement is this much better, so that it is not told time and again. */
const CLEARLY = 2

/**
 * Whether what was measured still bears a promise out, by what was seen alone: what was not seen for want of time is nobody's
 * fault.
 *
 * @param isBroken as it was told last
 * @returns what to tell now, or undefined
 */
export function lookAtPromise(
  isBroken: boolean,
  { intervalMs, timeoutMs, promise }: PromisedTimes,
  peers: readonly (readonly BeatTimings[])[],
  at: number,
): HeartbeatPromiseEvent | undefined {
  const perYear = seenFalseAlarms(peers, { intervalMs, timeoutMs })
  if (perYear === undefined) return undefined
  const { falseAlarmsPerYear: promised } = promise
  if (!isBroken && perYear > promised) return { type: 'heartbeat-promise-broken', at, falseAlarmsPerYear: perYear, promised }
  if (isBroken && perYear <= promised / CLEARLY) return { type: 'heartbeat-promise-kept', at, falseAlarmsPerYear: perYear, promised }
  return undefined
}
