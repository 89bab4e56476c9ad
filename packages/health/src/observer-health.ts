import { MassFailure, type MassMember, type MassRules } from './mass-failure.ts'
import {
  beginObserverClock,
  type ObserverClock,
  type ObserverClockRules,
  type ObserverReading,
  readObserverClock,
} from './observer-clock.ts'
import type { ProbeFailure, ProbeResult } from './probe.ts'

export interface ObserverRules extends MassRules, ObserverClockRules {
  /** The share of a probe's time that this process may stand still. */
  readonly lagRatio: number
  /** For how long, of the time in which this process runs, one target's silence is doubted. */
  readonly maxDoubtMs: number
  /** For how long after a suspend or a jump of the clock silence is doubted. */
  readonly settleMs: number
  /** For how long nothing must be doubted until the observer is well again. */
  readonly wellAfterMs: number
}

/** How the observer itself is. */
export interface ObserverChange {
  readonly state: 'well' | 'unwell'
  readonly because: string
}

/** Where the observer stood when a probe began. */
export interface LookMark {
  readonly startedMs: number
  readonly stalledMs: number
}

/** A target as the observer sees it. */
export interface ObservedTarget extends MassMember {
  readonly timeoutMs: number
  /** Whether it has answered when it was looked at last. */
  readonly isPassing: boolean
  /** Since when its results are in doubt, in the time that this process did run. */
  doubtedSinceMs: number | undefined
}

/** What a target has said itself, or its kernel for it: a slow or cut off observer does not make that up. */
const ANSWERS: ReadonlySet<ProbeFailure> = new Set([
  'refused',
  'protocol',
  'header-overflow',
  'status',
  'body',
  'unwell',
  'unexpected',
] satisfies ProbeFailure[])

/**
 * Whether the observer is the sick one. It knows three ways to be: this process did not run (a blocked loop, SIGSTOP, a
 * starved machine), time went wrong (a suspend, a clock that was set), or the way into the network is gone (mass
 * failure). A result that may stem from one of them is doubted: it is evidence neither for nor against the target.
 *
 * An answer of the target counts all the same, unless a gap of time lies within the probe. No clock and no I/O here:
 * readings are arguments.
 */
export class ObserverHealth {
  readonly #rules: ObserverRules
  readonly #mass: MassFailure
  readonly #tell: (change: ObserverChange) => void
  #clock: ObserverClock
  #stalledMs = 0
  #gap: { readonly atMs: number; readonly because: string } | undefined
  #isWell = true
  #lastDoubtMs = -Infinity

  constructor(rules: ObserverRules, reading: ObserverReading, tell: (change: ObserverChange) => void) {
    this.#rules = rules
    this.#mass = new MassFailure(rules)
    this.#clock = beginObserverClock(reading)
    this.#tell = tell
  }

  addCanary(id: string): void {
    this.#mass.addCanary(id)
  }

  forget(id: string): void {
    this.#mass.forget(id)
  }

  /** The timer has fired, `lateMs` after its time: for so long this process did not run. */
  woke(lateMs: number, nowMs: number): void {
    this.#stalledMs += lateMs
    this.#recover(nowMs)
  }

  /** Compares the clocks with the last time; the oftener, the sooner a suspend is known. */
  read(reading: ObserverReading): void {
    const { clock, gap } = readObserverClock(this.#clock, reading, this.#rules)
    this.#clock = clock
    if (gap === undefined) return
    this.#gap = { atMs: reading.monotonicMs, because: gap }
    this.#sicken(gap, reading.monotonicMs)
  }

  /** @param lateMs how late the timer is already, where it should have fired by now */
  mark(nowMs: number, lateMs: number): LookMark {
    return { startedMs: nowMs, stalledMs: this.#stalledMs + lateMs }
  }

  /** Why traffic that fails now proves nothing; undefined where it does. */
  doubtsSilence(nowMs: number): string | undefined {
    return this.#unsettled(nowMs) ?? this.#mass.doubt(nowMs)
  }

  /** What is to be thought of a result: a reason for doubt, or undefined where it counts. */
  judge(target: ObservedTarget, result: ProbeResult, mark: LookMark, nowMs: number, lateMs: number): string | undefined {
    if (result.outcome === 'inconclusive') return undefined
    const isSilence = result.outcome === 'fail' && result.immediate !== true && !ANSWERS.has(result.reason)
    const because = this.#ownFault(target, result, isSilence, mark, nowMs, lateMs) ?? this.#massFault(target, isSilence, nowMs)
    if (because === undefined) this.#recover(nowMs)
    else this.#sicken(because, nowMs)
    return because
  }

  #ownFault(
    target: ObservedTarget,
    { outcome }: ProbeResult,
    isSilence: boolean,
    mark: LookMark,
    nowMs: number,
    lateMs: number,
  ): string | undefined {
    const stalledMs = this.#stalledMs + lateMs - mark.stalledMs
    const lagged = stalledMs > this.#rules.lagRatio * target.timeoutMs && (isSilence || outcome === 'degraded')
    const because =
      this.#gap && this.#gap.atMs > mark.startedMs
        ? this.#gap.because
        : lagged
          ? `this process did not run for ${Math.round(stalledMs)} ms meanwhile`
          : isSilence
            ? this.#unsettled(nowMs)
            : undefined
    if (because === undefined) {
      target.doubtedSinceMs = undefined
      return undefined
    }
    const awakeMs = nowMs - this.#stalledMs - lateMs
    target.doubtedSinceMs ??= awakeMs
    return awakeMs - target.doubtedSinceMs < this.#rules.maxDoubtMs ? because : undefined
  }

  #massFault(target: ObservedTarget, isSilence: boolean, nowMs: number): string | undefined {
    const wasSpent = this.#mass.isSpent
    if (isSilence) this.#mass.silent(target, target.isPassing, nowMs)
    else this.#mass.answered(target, nowMs)
    const doubt = this.#mass.doubt(nowMs)
    if (!wasSpent && this.#mass.isSpent) this.#heal(`most targets have not answered for too long to be doubted: it counts`)
    return isSilence ? doubt : undefined
  }

  #unsettled(nowMs: number): string | undefined {
    return this.#gap && nowMs - this.#gap.atMs < this.#rules.settleMs ? this.#gap.because : undefined
  }

  #sicken(because: string, nowMs: number): void {
    this.#lastDoubtMs = nowMs
    if (!this.#isWell) return
    this.#isWell = false
    this.#tell({ state: 'unwell', because })
  }

  #recover(nowMs: number): void {
    if (this.#isWell || nowMs - this.#lastDoubtMs < this.#rules.wellAfterMs || this.doubtsSilence(nowMs) !== undefined) return
    this.#heal('nothing is in doubt any more')
  }

  #heal(because: string): void {
    if (this.#isWell) return
    this.#isWell = true
    this.#tell({ state: 'well', because })
  }
}
