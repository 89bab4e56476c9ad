import type { AdminState, Clock, EventSource, HealthState, Listener, Logger, Random } from '@hotspare/core'
import { abortReason, clipDetail, Emitter, HotspareError, silentLogger, systemClock, systemRandom, withDeadline } from '@hotspare/core'
import { adminWord, type PeoplesWord } from './admin.ts'
import { dampDeath, dampResult, flapRatio, penaltyAt } from './damping.ts'
import { monitorDefaults, observerDefaults } from './defaults.ts'
import { runGuarded } from './guarded-run.ts'
import { type MachineInput, step } from './machine.ts'
import {
  bootClock,
  type HealthMonitorOptions,
  type MonitoredTargetOptions,
  type MonitorLimits,
  monitorLimitsSchema,
} from './monitor-options.ts'
import { MonitoredTarget } from './monitored-target.ts'
import { ObserverHealth } from './observer-health.ts'
import { parseOptions } from './options.ts'
import type { ProbeResult } from './probe.ts'
import { ProbeScheduler } from './probe-scheduler.ts'
import { nextAdvice, nextWarning, nextWeight } from './remarks.ts'
import { healthRulesSchema } from './rules.ts'
import type { HealthEvent, ObserverVerdict, TargetHealth, TrafficReport } from './target-health.ts'

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at targets, thousands of them on one timer, and keeps a verdict on each. The decisions are pure and elsewhere
 * (machine.ts, damping.ts, observer-health.ts, admin.ts); here are the probes in flight and the events.
 */
export class HealthMonitor implements EventSource<HealthEvent>, AsyncDisposable {
  readonly #clock: Clock
  readonly #bootMs: () => number
  readonly #random: Random
  readonly #logger: Logger
  readonly #limits: MonitorLimits
  readonly #emitter: Emitter<HealthEvent>
  readonly #targets = new Map<string, MonitoredTarget>()
  readonly #scheduler: ProbeScheduler<MonitoredTarget>
  readonly #observer: ObserverHealth | undefined
  #observerVerdict: ObserverVerdict
  #pulseMs = observerDefaults.mostPulseMs

  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
  constructor(options: HealthMonitorOptions = {}) {
    const { clock = systemClock, bootMs = bootClock(clock), random = systemRandom, logger = silentLogger, ...limits } = options
    this.#limits = parseOptions('health monitor', monitorLimitsSchema, limits)
    this.#clock = clock
    this.#bootMs = bootMs
    this.#random = random
    this.#logger = logger
    this.#emitter = new Emitter({ logger })
    this.#observerVerdict = { state: 'well', since: clock.wallMs(), because: 'nothing is in doubt' }
    const { observer, maxConcurrentProbes: maxConcurrent } = this.#limits
    if (observer) {
      this.#observer = new ObserverHealth(observer, this.#reading(clock.monotonicMs()), ({ state, because }) => {
        const at = clock.wallMs()
        this.#observerVerdict = { state, since: at, because }
        logger[state === 'well' ? 'info' : 'warn']({ because }, `the observer is ${state}`)
        this.#emitter.emit({ type: `observer-${state}`, at, because })
      })
    }
    this.#scheduler = new ProbeScheduler({
      clock,
      maxConcurrent,
      pulseMs: () => this.#pulseMs,
      look: (target, nowMs) => this.#look(target, nowMs),
      woke: (lateMs, nowMs) => {
        this.#observer?.read(this.#reading(nowMs))
        this.#observer?.woke(lateMs, nowMs)
      },
    })
  }

  /**
   * Takes a target on; its state is `initialState` until something is proven.
   *
   * @throws HotspareError `HOTSPARE_HEALTH_DUPLICATE`, `HOTSPARE_HEALTH_OPTIONS`
   */
  add(options: MonitoredTargetOptions): void {
    const { id, probe, group = id, canary = false, ...rest } = options
    const rules = parseOptions(`health monitor: target ${id}`, healthRulesSchema, rest)
    if (this.#targets.has(id)) {
      throw new HotspareError({ code: 'HOTSPARE_HEALTH_DUPLICATE', message: `health monitor: target ${id}: added twice: ids are unique` })
    }
    const { historySize } = this.#limits
    const target = new MonitoredTarget({ id, probe, rules, group, canary, historySize, sinceMs: this.#clock.wallMs() })
    this.#targets.set(id, target)
    if (canary) this.#observer?.addCanary(id)
    const { leastPulseMs, pulsesPerTimeout } = observerDefaults
    this.#pulseMs = Math.max(leastPulseMs, Math.min(this.#pulseMs, probe.timeoutMs / pulsesPerTimeout))
    if (this.#scheduler.running) this.#enqueueFirst(target)
  }

  /** Forgets a target; a probe of it in flight is aborted and not counted. @returns whether there was one */
  remove(id: string): boolean {
    const target = this.#targets.get(id)
    if (!target) return false
    this.#targets.delete(id)
    this.#observer?.forget(id)
    this.#scheduler.delete(target)
    target.abort?.abort(aborted(`target ${id} was removed`))
    return true
  }

  /** Passive health: what a real request met. A report on an unknown id is ignored: the target may just have been removed. */
  reportTraffic(id: string, report: TrafficReport): void {
    const target = this.#targets.get(id)
    if (!target || target.isLeftAlone) return
    const nowMs = this.#clock.monotonicMs()
    // What fails while this machine is cut off or has just been resumed is no fault of the target.
    if (!report.ok && this.#observer?.doubtsSilence(nowMs) !== undefined) return
    const plannedMs = target.nextDueMs
    this.#decide(target, { type: 'traffic', ok: report.ok, detail: report.ok ? '' : clipDetail(report.detail ?? '') })
    if (report.ok || !this.#scheduler.running || !this.#watches(target)) return
    if (target.claimSoonerLook(nowMs)) this.#scheduler.set(target, nowMs)
    // The interval of a target that is down may be the shorter one; a longer one begins after the next look.
    else if (!target.abort && target.nextDueMs < plannedMs) this.#scheduler.set(target, target.nextDueMs)
  }

  /**
   * Sets what people want of a target, or takes it back. It stands above what the target asks for itself, and apart
   * from its health. In `maintenance` nobody looks (as HAProxy's `maint`); afterwards what was known is too old, and the
   * target starts over from its initial state. `draining` is looked at on; `ready` overrules the target's own wish.
   *
   * @returns whether there is such a target
   */
  setAdmin(id: string, state: PeoplesWord | undefined, because = 'people have set it'): boolean {
    const target = this.#targets.get(id)
    if (!target) return false
    if (target.people?.state === state) return true
    const at = this.#clock.wallMs()
    const wasLeftAlone = target.isLeftAlone
    const before = adminWord(target.voices)?.state
    target.people = state && { state, since: at, because }
    this.#tellAdmin(target, before, because)
    if (!this.#watches(target) || wasLeftAlone === target.isLeftAlone) return true
    if (target.isLeftAlone) {
      this.#scheduler.delete(target)
      target.abort?.abort(aborted(`target ${id} is in maintenance`))
    } else {
      const from = target.verdict.state
      target.startOver(at, 'it was in maintenance')
      if (from !== target.verdict.state) this.#tellState(target, from)
      if (this.#scheduler.running && this.#watches(target)) this.#enqueueFirst(target)
    }
    return true
  }

  /** How this observer is: while it is `unwell`, results may be `inconclusive`. */
  get observer(): ObserverVerdict {
    return this.#observerVerdict
  }

  get(id: string): TargetHealth | undefined {
    return this.#targets.get(id)?.snapshot(this.#clock.monotonicMs(), this.#observerVerdict)
  }

  /** All targets, in the order in which they were added. */
  list(): readonly TargetHealth[] {
    const nowMs = this.#clock.monotonicMs()
    return [...this.#targets.values()].map((target) => target.snapshot(nowMs, this.#observerVerdict))
  }

  /** Whether every target that is looked at has left `unknown`. */
  allKnown(): boolean {
    for (const target of this.#targets.values()) if (target.machine.state === 'unknown' && !target.isLeftAlone) return false
    return true
  }

  subscribe(listener: Listener<HealthEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** Begins to look at the targets; after a `stop()` it goes on with the states it had. */
  start(options: CallOptions = {}): Promise<void> {
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    if (!this.#scheduler.running) {
      this.#scheduler.start()
      for (const target of this.#targets.values()) this.#enqueueFirst(target)
    }
    return Promise.resolve()
  }

  /** Ends the timer and aborts the probes in flight, uncounted; resolves when they have let go. */
  async stop(options: CallOptions = {}): Promise<void> {
    this.#scheduler.stop()
    for (const target of this.#targets.values()) target.abort?.abort(aborted('the monitor was stopped'))
    if (this.#scheduler.isIdle) return
    const settled = () => this.#scheduler.settled()
    await withDeadline('health monitor: stop', monitorDefaults.stopTimeoutMs, settled, { signal: options.signal, clock: this.#clock })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #reading(monotonicMs: number): { readonly monotonicMs: number; readonly wallMs: number; readonly bootMs: number } {
    return { monotonicMs, wallMs: this.#clock.wallMs(), bootMs: this.#bootMs() }
  }

  #enqueueFirst(target: MonitoredTarget): void {
    if (target.isLeftAlone) return
    // A target whose aborted probe has not let go yet comes back to the queue when it has.
    const dueMs = target.anchor(this.#clock.monotonicMs(), this.#random.next())
    if (!target.abort) this.#scheduler.set(target, dueMs)
  }

  /** One probe from its start to its consequences. Never rejects. */
  async #look(target: MonitoredTarget, nowMs: number): Promise<void> {
    const controller = new AbortController()
    target.abort = controller
    target.started(nowMs)
    const mark = this.#observer?.mark(nowMs, 0)
    const result = await runGuarded(target.id, target.probe, { signal: controller.signal, clock: this.#clock, logger: this.#logger })
    target.abort = undefined
    if (!controller.signal.aborted) this.#finished(target, mark ? this.#judged(target, result, mark) : result)
    if (this.#scheduler.running && this.#watches(target) && !target.isLeftAlone) this.#scheduler.set(target, target.nextDueMs)
  }

  /** The result as it counts: what the observer itself may have caused is `inconclusive`, and says what it was. */
  #judged(target: MonitoredTarget, result: ProbeResult, mark: ReturnType<ObserverHealth['mark']>): ProbeResult {
    const nowMs = this.#clock.monotonicMs()
    this.#observer?.read(this.#reading(nowMs))
    const doubt = this.#observer?.judge(target, result, mark, nowMs, this.#scheduler.lateMs(nowMs))
    if (doubt === undefined) return result
    const { durationMs, phases, detail } = result
    const seen = result.outcome === 'fail' ? `${result.reason}: ${detail}` : detail
    return {
      outcome: 'inconclusive',
      detail: clipDetail(`${doubt}; seen: ${seen}`),
      durationMs,
      ...(phases === undefined ? {} : { phases }),
    }
  }

  /** Whether a target is still ours: any listener may remove it, and another may have its id by now. */
  #watches(target: MonitoredTarget): boolean {
    return this.#targets.get(target.id) === target
  }

  #finished(target: MonitoredTarget, result: ProbeResult): void {
    const at = this.#clock.wallMs()
    target.history.push(at, result)
    this.#emitter.emit({ type: 'probe-finished', at, targetId: target.id, result })
    if (!this.#watches(target)) return
    const { outcome, detail } = result
    const { damping } = target.rules
    if (damping && outcome !== 'inconclusive') {
      const wasHeld = target.isHeld
      target.damping = dampResult(target.damping, outcome === 'fail', this.#clock.monotonicMs(), damping)
      if (target.isHeld !== wasHeld) this.#tellFlaps(target)
      if (!this.#watches(target)) return
    }
    const immediate = outcome === 'fail' && result.immediate === true
    this.#decide(target, { type: 'probe', outcome, immediate, held: target.isHeld, detail })
    if (this.#watches(target)) this.#takeRemarks(target, result)
  }

  #decide(target: MonitoredTarget, input: MachineInput): void {
    const { state, effects } = step(target.machine, input, target.rules)
    target.machine = state
    const { damping } = target.rules
    const wasHeld = target.isHeld
    if (damping && effects.some(({ to }) => to === 'down')) {
      target.damping = dampDeath(target.damping, this.#clock.monotonicMs(), damping)
    }
    target.repace()
    for (const { from, to, because } of effects) {
      target.verdict = { state: to, since: this.#clock.wallMs(), because }
      this.#tellState(target, from)
    }
    if (target.isHeld !== wasHeld && this.#watches(target)) this.#tellFlaps(target)
  }

  /** What a result says beside up and down. */
  #takeRemarks(target: MonitoredTarget, result: ProbeResult): void {
    const at = this.#clock.wallMs()
    const { id: targetId, warning: before, weight: weightBefore } = target
    target.warning = nextWarning(before, result)
    target.weight = nextWeight(weightBefore, result)
    const adminBefore = adminWord(target.voices)?.state
    target.advice = nextAdvice(target.advice, result, at)
    const { warning, weight } = target
    if (warning !== before) this.#emitter.emit({ type: 'target-warning', at, targetId, warning, before })
    if (weight !== weightBefore) this.#emitter.emit({ type: 'target-weight', at, targetId, weight, before: weightBefore })
    this.#tellAdmin(target, adminBefore, target.advice?.because ?? 'it asks for it no longer')
  }

  #tellState({ id, verdict }: MonitoredTarget, from: HealthState): void {
    const { state, since, because } = verdict
    this.#logger.debug({ targetId: id, from, to: state, because }, 'a target changed its state')
    this.#emitter.emit({ type: `target-${state}`, at: since, targetId: id, from, because })
  }

  #tellAdmin(target: MonitoredTarget, before: AdminState | undefined, because: string): void {
    const admin = adminWord(target.voices)
    if (admin?.state === before) return
    this.#emitter.emit({ type: 'target-admin', at: this.#clock.wallMs(), targetId: target.id, admin, because })
  }

  #tellFlaps({ id, isHeld, damping, rules }: MonitoredTarget): void {
    const score = Math.round(flapRatio(damping) * 100)
    const penalty = rules.damping ? penaltyAt(damping, this.#clock.monotonicMs(), rules.damping).toFixed(1) : '0'
    const because = `its flap score is ${score} %, and its penalty ${penalty}`
    this.#emitter.emit({ type: isHeld ? 'target-flapping' : 'target-settled', at: this.#clock.wallMs(), targetId: id, because })
  }
}

/** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
export function createHealthMonitor(options: HealthMonitorOptions = {}): HealthMonitor {
  return new HealthMonitor(options)
}

function aborted(why: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEALTH_ABORTED', message: `health monitor: probe aborted: ${why}` })
}
