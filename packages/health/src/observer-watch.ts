import type { Clock } from '@hotspare/core'
import { clipDetail } from '@hotspare/core'
import { observerDefaults } from './defaults.ts'
import type { MonitoredTarget } from './monitored-target.ts'
import type { ObserverReading } from './observer-clock.ts'
import { type LookMark, ObserverHealth, type ObserverRules } from './observer-health.ts'
import type { ProbeResult } from './probe.ts'
import type { ObserverVerdict } from './target-health.ts'

interface ObserverWatchOptions {
  /** `false`: nothing is ever doubted. */
  readonly rules: ObserverRules | false
  readonly clock: Clock
  readonly bootMs: () => number
  /** The observer has become well or unwell. */
  readonly tell: (verdict: ObserverVerdict) => void
}

/** Reads the clocks of this machine for {@link ObserverHealth}, and keeps the verdict on the observer. */
export class ObserverWatch {
  readonly #clock: Clock
  readonly #bootMs: () => number
  readonly #health: ObserverHealth | undefined
  #verdict: ObserverVerdict
  #pulseMs = observerDefaults.mostPulseMs

  constructor({ rules, clock, bootMs, tell }: ObserverWatchOptions) {
    this.#clock = clock
    this.#bootMs = bootMs
    this.#verdict = { state: 'well', since: clock.wallMs(), because: 'nothing is in doubt' }
    if (!rules) return
    this.#health = new ObserverHealth(rules, this.#read(), ({ state, because }) => {
      this.#verdict = { state, since: clock.wallMs(), because }
      tell(this.#verdict)
    })
  }

  get verdict(): ObserverVerdict {
    return this.#verdict
  }

  /** How often the timer has to fire while a probe is in flight, so that it shows a stall. */
  get pulseMs(): number {
    return this.#health ? this.#pulseMs : Number.POSITIVE_INFINITY
  }

  add({ id, canary, timeoutMs }: MonitoredTarget): void {
    if (canary) this.#health?.addCanary(id)
    const { leastPulseMs, pulsesPerTimeout } = observerDefaults
    this.#pulseMs = Math.max(leastPulseMs, Math.min(this.#pulseMs, timeoutMs / pulsesPerTimeout))
  }

  forget(id: string): void {
    this.#health?.forget(id)
  }

  /** The timer has fired, `lateMs` after its time. */
  woke(lateMs: number, nowMs: number): void {
    this.#health?.read(this.#read())
    this.#health?.woke(lateMs, nowMs)
  }

  /** Where the observer stands when a probe begins, right after the timer has fired. */
  mark(nowMs: number): LookMark | undefined {
    return this.#health?.mark(nowMs, 0)
  }

  /** Whether what fails now proves nothing: this machine is cut off, or was just resumed. */
  doubtsSilence(nowMs: number): boolean {
    return this.#health?.doubtsSilence(nowMs) !== undefined
  }

  /**
   * The result as it counts: what the observer itself may have caused is `inconclusive`, and says what it was.
   *
   * @param lateMs how late the timer is by now
   */
  judged(target: MonitoredTarget, result: ProbeResult, mark: LookMark | undefined, nowMs: number, lateMs: number): ProbeResult {
    if (!this.#health || !mark) return result
    this.#health.read(this.#read())
    const doubt = this.#health.judge(target, result, mark, nowMs, lateMs)
    return doubt === undefined ? result : doubted(result, doubt)
  }

  /** The monotonic clock last: where this process is held up in between, time since boot must not seem to be ahead of it. */
  #read(): ObserverReading {
    const bootMs = this.#bootMs()
    const wallMs = this.#clock.wallMs()
    return { monotonicMs: this.#clock.monotonicMs(), wallMs, bootMs }
  }
}

function doubted(result: ProbeResult, because: string): ProbeResult {
  const { durationMs, phases, detail } = result
  const seen = result.outcome === 'fail' ? `${result.reason}: ${detail}` : detail
  const facts = { detail: clipDetail(`${because}; seen: ${seen}`), durationMs }
  return { outcome: 'inconclusive', ...facts, ...(phases === undefined ? {} : { phases }) }
}
