import type { Clock, EventSource, Listener, Logger, Random } from '@hotspare/core'
import { abortReason, clipDetail, HotspareError, silentLogger, systemClock, systemRandom, withDeadline } from '@hotspare/core'
import { adminWord, type PeoplesWord } from './admin.ts'
import { monitorDefaults } from './defaults.ts'
import { runGuarded } from './guarded-run.ts'
import { MonitorEvents } from './monitor-events.ts'
import {
  bootClock,
  type HealthMonitorOptions,
  type MonitoredTargetOptions,
  type MonitorLimits,
  monitoredProbeSchema,
  monitorLimitsSchema,
  targetIdentitySchema,
} from './monitor-options.ts'
import { MonitoredTarget } from './monitored-target.ts'
import { ObserverWatch } from './observer-watch.ts'
import { parseOptions } from './options.ts'
import { ProbeScheduler } from './probe-scheduler.ts'
import { ResultEffects } from './result-effects.ts'
import { healthRulesSchema } from './rules.ts'
import type { HealthEvent, ObserverVerdict, TargetHealth, TrafficReport } from './target-health.ts'

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at targets, thousands of them on one timer, and keeps a verdict on each. The decisions are pure and elsewhere
 * (machine.ts, damping.ts, observer-health.ts, admin.ts), and so is what a result brings about (result-effects.ts); here
 * are the targets and the probes in flight. Any event may lead to a call that changes or removes the target that it is about.
 */
export class HealthMonitor implements EventSource<HealthEvent>, AsyncDisposable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #logger: Logger
  readonly #limits: MonitorLimits
  readonly #events: MonitorEvents
  readonly #observer: ObserverWatch
  readonly #effects: ResultEffects
  readonly #targets = new Map<string, MonitoredTarget>()
  readonly #scheduler: ProbeScheduler<MonitoredTarget>

  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
  constructor(options: HealthMonitorOptions = {}) {
    const { clock = systemClock, bootMs = bootClock(clock), random = systemRandom, logger = silentLogger, ...limits } = options
    this.#limits = parseOptions('health monitor', monitorLimitsSchema, limits)
    this.#clock = clock
    this.#random = random
    this.#logger = logger
    this.#events = new MonitorEvents({ clock, logger })
    const { observer: rules, maxConcurrentProbes: maxConcurrent } = this.#limits
    this.#observer = new ObserverWatch({ rules, clock, bootMs, tell: (verdict) => this.#events.observer(verdict) })
    this.#effects = new ResultEffects({ clock, events: this.#events, isWatched: (target) => this.#watches(target) })
    this.#scheduler = new ProbeScheduler({
      clock,
      maxConcurrent,
      pulseMs: () => this.#observer.pulseMs,
      look: (target, nowMs) => this.#look(target, nowMs),
      woke: (lateMs, nowMs) => this.#observer.woke(lateMs, nowMs),
    })
  }

  /**
   * Takes a target on; its state is `initialState` until something is proven.
   *
   * @throws HotspareError `HOTSPARE_HEALTH_DUPLICATE`, `HOTSPARE_HEALTH_OPTIONS`
   */
  add(options: MonitoredTargetOptions): void {
    const { id, probe, group = id, canary = false, ...rest } = options
    parseOptions('health monitor: target', targetIdentitySchema, { id, group, canary })
    const who = `health monitor: target ${id}`
    const rules = parseOptions(who, healthRulesSchema, rest)
    parseOptions(who, monitoredProbeSchema, { probe })
    if (this.#targets.has(id)) {
      throw new HotspareError({ code: 'HOTSPARE_HEALTH_DUPLICATE', message: `${who}: added twice: ids are unique` })
    }
    const { historySize } = this.#limits
    const target = new MonitoredTarget({ id, probe, rules, group, canary, historySize, since: this.#clock.wallMs() })
    this.#targets.set(id, target)
    this.#observer.add(target)
    if (this.#scheduler.running) this.#enqueueFirst(target)
  }

  /** Forgets a target; a probe of it in flight is aborted and not counted. @returns whether there was one */
  remove(id: string): boolean {
    const target = this.#targets.get(id)
    if (!target) return false
    this.#targets.delete(id)
    this.#observer.forget(id)
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
    if (!report.ok && this.#observer.doubtsSilence(nowMs)) return
    const plannedMs = target.nextDueMs
    this.#effects.decide(target, { type: 'traffic', ok: report.ok, detail: report.ok ? '' : clipDetail(report.detail ?? '') })
    if (report.ok || !this.#scheduler.running || !this.#looksAt(target)) return
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
    const clause = clipDetail(because)
    target.people = state && { state, since: at, because: clause }
    this.#events.admin(target, before, clause)
    if (!this.#watches(target) || wasLeftAlone === target.isLeftAlone) return true
    if (target.isLeftAlone) {
      this.#scheduler.delete(target)
      target.abort?.abort(aborted(`target ${id} is in maintenance`))
    } else {
      const from = target.verdict.state
      target.startOver(at, 'it was in maintenance')
      if (from !== target.verdict.state) this.#events.state(target, from)
      if (this.#scheduler.running && this.#looksAt(target)) this.#enqueueFirst(target)
    }
    return true
  }

  /** How this observer is: while it is `unwell`, results may be `inconclusive`. */
  get observer(): ObserverVerdict {
    return this.#observer.verdict
  }

  get(id: string): TargetHealth | undefined {
    return this.#targets.get(id)?.snapshot(this.#clock.monotonicMs(), this.#observer.verdict)
  }

  /** All targets, in the order in which they were added. */
  list(): readonly TargetHealth[] {
    const nowMs = this.#clock.monotonicMs()
    return [...this.#targets.values()].map((target) => target.snapshot(nowMs, this.#observer.verdict))
  }

  /** Whether every target that is looked at has left `unknown`. */
  allKnown(): boolean {
    for (const target of this.#targets.values()) if (target.machine.state === 'unknown' && !target.isLeftAlone) return false
    return true
  }

  subscribe(listener: Listener<HealthEvent>): () => void {
    return this.#events.subscribe(listener)
  }

  /**
   * Begins to look at the targets; after a `stop()` it goes on with the states it had.
   *
   * @throws the reason of `signal` where it has aborted before
   */
  start(options: CallOptions = {}): Promise<void> {
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    if (!this.#scheduler.running) {
      this.#scheduler.start()
      for (const target of this.#targets.values()) this.#enqueueFirst(target)
    }
    return Promise.resolve()
  }

  /**
   * Ends the timer and aborts the probes in flight, uncounted; resolves when they have let go.
   *
   * @throws HotspareError `HOTSPARE_CORE_TIMEOUT` where one has not after 5 s; the reason of `signal` when it aborts
   */
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

  #enqueueFirst(target: MonitoredTarget): void {
    if (target.isLeftAlone) return
    // A target whose aborted probe has not let go yet comes back to the queue when it has.
    const dueMs = target.anchor(this.#clock.monotonicMs(), this.#random.next())
    if (!target.abort) this.#scheduler.set(target, dueMs)
  }

  /** One probe from its start to its consequences. Never rejects. */
  async #look(target: MonitoredTarget, nowMs: number): Promise<void> {
    const controller = new AbortController()
    const { signal } = controller
    target.abort = controller
    target.started(nowMs)
    const mark = this.#observer.mark(nowMs)
    const seen = await runGuarded(target.id, target.probe, { signal, clock: this.#clock, logger: this.#logger })
    const endedMs = this.#clock.monotonicMs()
    const result = signal.aborted ? seen : this.#observer.judged(target, seen, mark, endedMs, this.#scheduler.lateMs(endedMs))
    target.abort = undefined
    // Aborted too where a listener that heard of the observer has removed the target.
    if (!signal.aborted) this.#effects.finished(target, result)
    if (this.#scheduler.running && this.#looksAt(target)) this.#scheduler.set(target, target.nextDueMs)
  }

  #looksAt(target: MonitoredTarget): boolean {
    return this.#watches(target) && !target.isLeftAlone
  }

  /** Whether a target is still ours: any listener may remove it, and another may have its id by now. */
  #watches(target: MonitoredTarget): boolean {
    return this.#targets.get(target.id) === target
  }
}

/**
 * A monitor without targets: `add()` them, then `start()`.
 *
 * @throws HotspareError `HOTSPARE_HEALTH_OPTIONS`
 */
export function createHealthMonitor(options: HealthMonitorOptions = {}): HealthMonitor {
  return new HealthMonitor(options)
}

function aborted(why: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEALTH_ABORTED', message: `health monitor: probe aborted: ${why}` })
}
