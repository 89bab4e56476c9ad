import type { HealthState, Verdict } from '@hotspare/core'
import { BoundedHistory } from '@hotspare/core'
import { monitorDefaults } from './defaults.ts'
import { detectionBoundMs } from './detection-bound.ts'
import { initialState, type MachineState } from './machine.ts'
import type { Probe, ProbeResult } from './probe.ts'
import type { HealthRules } from './rules.ts'
import { nextDueMs } from './schedule.ts'
import type { TargetHealth, TimedResult } from './target-health.ts'

interface MonitoredTargetSeed {
  readonly id: string
  readonly probe: Probe
  readonly rules: HealthRules
  readonly historySize: number
  /** Wall clock. */
  readonly sinceMs: number
}

/** What the monitor keeps of one target. Holds no timer and no socket. */
export class MonitoredTarget {
  readonly id: string
  readonly probe: Probe
  readonly rules: HealthRules
  readonly history: BoundedHistory<TimedResult>
  machine: MachineState
  verdict: Verdict<HealthState>
  lastResult: ProbeResult | undefined
  /** Ends the probe in flight; undefined where none is. */
  abort: AbortController | undefined
  /** When it is due next, by the monotonic clock. In the past where a probe outlasts its interval. */
  nextDueMs = 0
  #anchorMs = 0
  #soonerMs = Number.NEGATIVE_INFINITY

  constructor(seed: MonitoredTargetSeed) {
    this.id = seed.id
    this.probe = seed.probe
    this.rules = seed.rules
    this.history = new BoundedHistory(seed.historySize)
    this.machine = initialState(seed.rules)
    this.verdict = {
      state: 'unknown',
      since: seed.sinceMs,
      because: 'it is not proven yet: no probe has passed, and not enough have failed',
    }
  }

  /**
   * Lays the target's absolute schedule: its place in the interval is drawn, so that targets are spread over it.
   *
   * @param share in [0, 1)
   * @returns when it is due first: soon, even where the interval is long
   */
  anchor(nowMs: number, share: number): number {
    const { intervalMs } = this.rules
    this.#anchorMs = nowMs + share * intervalMs
    this.nextDueMs = nowMs + share * Math.min(intervalMs, monitorDefaults.startSpreadMs)
    return this.nextDueMs
  }

  /** Notes that a probe starts: the next is due at the next time of the schedule, however late this one is. */
  started(nowMs: number): void {
    this.nextDueMs = nextDueMs(this.#anchorMs, this.rules.intervalMs, nowMs)
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

  snapshot(): TargetHealth {
    const { consecutivePasses, consecutiveFailures, trafficFailures } = this.machine
    return {
      id: this.id,
      address: this.probe.address,
      verdict: this.verdict,
      lastResult: this.lastResult,
      history: [...this.history],
      counters: { consecutivePasses, consecutiveFailures, trafficFailures },
      rules: this.rules,
      detectionBoundMs: detectionBoundMs({ ...this.rules, timeoutMs: this.probe.timeoutMs }),
    }
  }
}
