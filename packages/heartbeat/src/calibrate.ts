import type { BeatTimings } from './beat-timings.ts'
import { chancesOf, type PathChances, seenChancesOf } from './calibrate/chances.ts'
import { SHORTEST_INTERVAL_MS } from './defaults.ts'
import { detectionBoundMs } from './detection-bound.ts'

/** What users promise: how soon a dead node is noticed, and how seldom a living one is taken for dead. */
export interface HeartbeatPromise {
  /** From a node's last beat to its conviction, in milliseconds, by a node that is on time itself. */
  readonly detectMs: number
  /** In the whole cluster. */
  readonly falseAlarmsPerYear: number
}

export interface CalibrateOptions extends HeartbeatPromise {
  /** The paths of each peer that this node hears; the other nodes are taken to hear each other as well as this one does. */
  readonly peers: readonly (readonly BeatTimings[])[]
  /** How late this node's own looks may be, in milliseconds; for `heldUpDetectMs`. Default: as of a heartbeat, 2 intervals or a quarter of the timeout */
  readonly ownPauseMs?: number | undefined
}

export type Calibration =
  | {
      readonly kept: true
      readonly intervalMs: number
      readonly timeoutMs: number
      /** In the whole cluster; from above. */
      readonly expectedFalseAlarmsPerYear: number
      readonly worstDetectMs: number
      /** The same, seen from a node that is itself held up. */
      readonly heldUpDetectMs: number
    }
  | {
      readonly kept: false
      readonly because: string
      /** With the same number of false alarms, the soonest that can be promised; undefined where nothing can be. */
      readonly nearestDetectMs: number | undefined
      /** With the same detection time, the fewest; undefined where that is too short for any. */
      readonly nearestFalseAlarmsPerYear: number | undefined
    }

const YEAR_MS = 365.25 * 24 * 3_600_000

/** Fewer, and a few lost beats in a row pass for a death, whatever the measurement says. */
const FEWEST_INTERVALS = 5

/** Beats beyond that many in one timeout add nothing but traffic. */
const MOST_INTERVALS = 100

/** Below this, a measurement says nothing about one beat in a thousand. */
const FEWEST_BEATS = 1_000

/** As the file takes an interval and a timeout. */
const LONGEST_INTERVAL_MS = 60_000
const LONGEST_DETECT_MS = 3_600_000

/** Steps in which the nearest promise is looked for. */
const STEP = 1.1

/**
 * Chooses interval and timeout for a promise: the configuration procedure of Chen, Toueg and Aguilera ("On the Quality of
 * Service of Failure Detectors", IEEE Transactions on Computers 51(5), 2002, section 4), for a detector that counts from the
 * last beat that came. The longest interval that keeps the promise is taken, since it costs the least.
 *
 * A living peer is convicted after a beat if none of the `m` next comes within the timeout. If the first `k` of them are
 * lost, the next one must be late by what is left; so per beat the chance is at most
 *
 *     sum over k < m of P(k lost in a row) x P(lateness > timeout - (k + 1) x interval) + P(m lost in a row)
 *
 * Nothing is assumed about how the lateness of one beat goes with that of the next: where something holds up many, only the
 * first counts. Assumed is: that loss and lateness do not depend on each other; that what swallows beats in a row lasts as
 * long with another interval; that beyond the longest lateness that was measured, chances fall like a power between 2 and 4
 * of it; and that what was measured is what is to come. Of several paths to a peer the best counts alone.
 */
export function calibrate(options: CalibrateOptions): Calibration {
  const { detectMs, falseAlarmsPerYear, peers, ownPauseMs } = options
  const fewest = Math.min(...peers.flatMap((paths) => Math.max(0, ...paths.map(({ received }) => received))))
  if (peers.length === 0 || fewest < FEWEST_BEATS) {
    const because =
      peers.length === 0
        ? 'no peer was measured'
        : `of one peer ${fewest} beats were measured, and ${FEWEST_BEATS} are the least that say anything`
    return { kept: false, because, nearestDetectMs: undefined, nearestFalseAlarmsPerYear: undefined }
  }
  const heard = peers.map((paths) => paths.filter(({ received }) => received >= FEWEST_BEATS).map(chancesOf))
  const found = choose(heard, detectMs, falseAlarmsPerYear)
  if (found?.kept) {
    const { intervalMs, timeoutMs, alarms } = found
    const { onTime, late } = detectionBoundMs({
      intervalMs,
      limitMs: timeoutMs,
      ownPauseMs: ownPauseMs ?? Math.max(2 * intervalMs, timeoutMs / 4),
    })
    return { kept: true, intervalMs, timeoutMs, expectedFalseAlarmsPerYear: alarms, worstDetectMs: onTime, heldUpDetectMs: late }
  }
  return {
    kept: false,
    because:
      found === undefined
        ? `${detectMs} ms is less than ${FEWEST_INTERVALS + 1} intervals of ${SHORTEST_INTERVAL_MS} ms, the shortest there is`
        : 'with the lateness and the losses that were measured, there would be more false alarms',
    nearestDetectMs: soonest(heard, detectMs, falseAlarmsPerYear),
    nearestFalseAlarmsPerYear: found?.alarms,
  }
}

/**
 * How many false alarms a year an interval and a timeout mean in the whole cluster, by what was measured; from above.
 *
 * @returns undefined where too little was measured to say
 */
export function expectedFalseAlarms(peers: CalibrateOptions['peers'], times: HeartbeatTimes): number | undefined {
  return falseAlarms(peers, times, chancesOf)
}

/**
 * The same by what was seen alone, with nothing added for what may still come: where this is too much already, it is.
 *
 * @returns undefined where too little was measured to say
 */
export function seenFalseAlarms(peers: CalibrateOptions['peers'], times: HeartbeatTimes): number | undefined {
  return falseAlarms(peers, times, seenChancesOf)
}

/** What a heartbeat goes by, in milliseconds. */
export interface HeartbeatTimes {
  readonly intervalMs: number
  readonly timeoutMs: number
}

function falseAlarms(
  peers: CalibrateOptions['peers'],
  { intervalMs, timeoutMs }: HeartbeatTimes,
  chances: (timings: BeatTimings) => PathChances,
): number | undefined {
  const heard = peers.map((paths) => paths.filter(({ received }) => received >= FEWEST_BEATS).map(chances))
  if (heard.length === 0 || heard.some((paths) => paths.length === 0)) return undefined
  return alarmsPerYear(heard, intervalMs, timeoutMs)
}

type Heard = readonly (readonly PathChances[])[]

interface Choice {
  readonly kept: boolean
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly alarms: number
}

/** The longest interval that keeps the promise, or the best one that does not; undefined where none fits. */
function choose(heard: Heard, detectMs: number, falseAlarmsPerYear: number): Choice | undefined {
  let best: Choice | undefined
  for (const intervalMs of intervalsFor(detectMs)) {
    const timeoutMs = Math.floor(detectMs - intervalMs)
    const alarms = alarmsPerYear(heard, intervalMs, timeoutMs)
    const choice = { kept: alarms <= falseAlarmsPerYear, intervalMs, timeoutMs, alarms }
    if (choice.kept) return choice
    if (best === undefined || alarms < best.alarms) best = choice
  }
  return best
}

/** From the longest to the shortest, in steps that matter. */
function intervalsFor(detectMs: number): number[] {
  const intervals: number[] = []
  const shortestMs = Math.max(SHORTEST_INTERVAL_MS, detectMs / (MOST_INTERVALS + 1))
  let next = Math.min(LONGEST_INTERVAL_MS, Math.floor(detectMs / (FEWEST_INTERVALS + 1)))
  while (next >= shortestMs) {
    intervals.push(next)
    next = Math.min(next - 1, Math.floor(next / 1.02))
  }
  return intervals
}

function soonest(heard: Heard, detectMs: number, falseAlarmsPerYear: number): number | undefined {
  const leastMs = (FEWEST_INTERVALS + 1) * SHORTEST_INTERVAL_MS
  for (let tryMs = Math.max(leastMs, Math.ceil(detectMs)); tryMs <= LONGEST_DETECT_MS; tryMs = Math.ceil(tryMs * STEP)) {
    if (choose(heard, tryMs, falseAlarmsPerYear)?.kept) return tryMs
  }
  return undefined
}

function alarmsPerYear(heard: Heard, intervalMs: number, timeoutMs: number): number {
  const ofThisNode = heard.reduce((sum, paths) => sum + Math.min(...paths.map((path) => chancePerBeat(path, intervalMs, timeoutMs))), 0)
  return (ofThisNode * (heard.length + 1) * YEAR_MS) / intervalMs
}

function chancePerBeat(path: PathChances, intervalMs: number, timeoutMs: number): number {
  const beats = Math.floor(timeoutMs / intervalMs)
  let chance = path.lostRow(beats, intervalMs)
  for (let lost = 0; lost < beats; lost++) chance += path.lostRow(lost, intervalMs) * path.later(timeoutMs - (lost + 1) * intervalMs)
  return Math.min(1, chance)
}
