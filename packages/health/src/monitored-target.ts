import type { AdminState, HealthState, Verdict } from '@hotspare/core'
import { type AdminVoices, adminWord, isLeftAlone, type PeoplesWord } from './admin.ts'
import { beginDamping, type DampingState, flapRatio, isHeld, penaltyAt } from './damping.ts'
import { monitorDefaults } from './defaults.ts'
import { detectionBound } from './detection-bound.ts'
import { initialState, type MachineState } from './machine.ts'
import type { ObservedTarget } from './observer-health.ts'
import type { Probe } from './probe.ts'
import { ResultHistory } from './result-history.ts'
import type { HealthRules } from './rules.ts'
import { nextDueMs, paceMs } from './schedule.ts'
import type { ObserverVerdict, TargetHealth } from './target-health.ts'

interface MonitoredTargetSeed {
  readonly id: string
  readonly probe: Probe
  readonly rules: HealthRules
  readonly group: string
  readonly canary: boolean
  readonly historySize: number
  /** By the wall clock, as in every verdict. */
  readonly since: number
}

/** Why a target has the state that it has before anything was seen. */
const INITIAL_BECAUSE: Readonly<Record<HealthRules['initialState'], string>> = {
  unknown: 'it is not proven yet: no probe has passed, and not enough have failed',
  up: 'it is taken to be up at the start: not enough probes have failed',
  down: 'it is taken to be down at the start: not enough probes have passed',
}

/** What the monitor keeps of one target. Holds no timer and no socket. */
export class MonitoredTarget implements ObservedTarget {
  readonly id: string
  readonly probe: Probe
  readonly rules: HealthRules
  readonly group: string
  readonly canary: boolean
  readonly history: ResultHistory
  machine: MachineState
  damping: DampingState = beginDamping()
  verdict: Verdict<HealthState>
  warning: string | undefined
  weight = 1
  people: Verdict<PeoplesWord> | undefined
  advice: Verdict<AdminState> | undefined
  doubtedSinceMs: number | undefined
  /** Ends the probe in flight; undefined where none is. */
  abort: AbortController | undefined
  /** When it is due next, by the monotonic clock. In the past where a probe outlasts its interval. */
  nextDueMs = 0
  /** A time of the schedule, and the interval that it has from there. */
  #anchorMs = 0
  #paceMs: number
  /** The time of the schedule for which the last probe started. */
  #slotMs = 0
  #soonerMs = Number.NEGATIVE_INFINITY

  constructor(seed: MonitoredTargetSeed) {
    this.id = seed.id
    this.probe = seed.probe
    this.rules = seed.rules
    this.group = seed.group
    this.canary = seed.canary
    this.history = new ResultHistory(seed.historySize)
    this.machine = initialState(seed.rules)
    this.#paceMs = seed.rules.intervalMs
    this.verdict = { state: this.machine.state, since: seed.since, because: INITIAL_BECAUSE[seed.rules.initialState] }
  }

  get intervalMs(): number {
    return this.rules.intervalMs
  }

  get timeoutMs(): number {
    return this.probe.timeoutMs
  }

  get isPassing(): boolean {
    const { state, consecutiveFailures } = this.machine
    return (state === 'up' || state === 'degraded') && consecutiveFailures === 0
  }

  get voices(): AdminVoices {
    return { people: this.people, target: this.advice }
  }

  /** Whether nobody looks at it. */
  get isLeftAlone(): boolean {
    return isLeftAlone(this.voices)
  }

  get isHeld(): boolean {
    return this.rules.damping !== undefined && isHeld(this.damping)
  }

  /** Forgets what was seen: it is too old to go by. @param why as it fits after the reason of the initial state */
  startOver(since: number, why: string): void {
    this.machine = initialState(this.rules)
    this.verdict = { state: this.machine.state, since, because: `${INITIAL_BECAUSE[this.rules.initialState]}; ${why}` }
  }

  /**
   * Lays the target's absolute schedule: its place in the interval is drawn, so that targets are spread over it.
   *
   * @param share in [0, 1)
   * @returns when it is due first: soon, even where the interval is long
   */
  anchor(nowMs: number, share: number): number {
    const { intervalMs } = this.rules
    this.#paceMs = intervalMs
    this.#anchorMs = nowMs + share * intervalMs
    this.nextDueMs = nowMs + share * Math.min(intervalMs, monitorDefaults.startSpreadMs)
    // Nobody has looked for a while: a doubt that was left from then must not count as a long one.
    this.doubtedSinceMs = undefined
    return this.nextDueMs
  }

  /** Notes that a probe starts: the next is due at the next time of the schedule, however late this one is. */
  started(nowMs: number): void {
    const dueMs = nextDueMs(this.#anchorMs, this.#paceMs, nowMs)
    // One that was brought forward, or is the first, has no time of the schedule behind it.
    this.#slotMs = Math.max(dueMs - this.#paceMs, Math.min(nowMs, this.nextDueMs))
    this.nextDueMs = dueMs
  }

  /**
   * Goes over to the interval that fits the state. It runs from the time for which the last probe started, so that
   * lateness adds up to nothing here either.
   *
   * @returns whether the next probe is due at another time now
   */
  repace(): boolean {
    const pace = paceMs(this.machine, this.rules)
    if (pace === this.#paceMs) return false
    this.#paceMs = pace
    this.#anchorMs = this.#slotMs
    this.nextDueMs = this.#slotMs + pace
    return true
  }

  /**
   * Takes the one early look that bad traffic may bring about within an interval; none where a probe is looking already
   * or the target is known to be down. (The idea of HAProxy's `fastinter`.)
   *
   * @returns whether the look was granted; it is then used up
   */
  claimSoonerLook(nowMs: number): boolean {
    if (this.abort || this.machine.state === 'down' || this.rules.trafficFailures === 0) return false
    if (nowMs - this.#soonerMs < this.rules.intervalMs || this.nextDueMs <= nowMs) return false
    this.#soonerMs = nowMs
    return true
  }

  snapshot(nowMs: number, observer: ObserverVerdict): TargetHealth {
    const { consecutivePasses, consecutiveFailures, trafficFailures, fullPassesLeft } = this.machine
    const { damping } = this.rules
    return {
      id: this.id,
      address: this.probe.address,
      verdict: this.verdict,
      admin: adminWord(this.voices),
      weight: this.weight,
      warning: this.warning,
      lastResult: this.history.last()?.result,
      history: this.history.toArray(),
      counters: { consecutivePasses, consecutiveFailures, trafficFailures, fullPassesLeft },
      rules: this.rules,
      detection: detectionBound({ ...this.rules, timeoutMs: this.probe.timeoutMs }),
      flaps: damping && { isHeld: this.isHeld, flapRatio: flapRatio(this.damping), penalty: penaltyAt(this.damping, nowMs, damping) },
      observer,
    }
  }
}
