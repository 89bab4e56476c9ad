import type { Clock, EventSource, Listener, Logger, Random, Timer } from '@hotspare/core'
import {
  abortReason,
  clipDetail,
  Emitter,
  errorCode,
  errorText,
  HotspareError,
  LONGEST_DELAY_MS,
  networkFault,
  silentLogger,
  systemClock,
  systemRandom,
  withDeadline,
} from '@hotspare/core'
import { z } from 'zod'
import { monitorDefaults } from './defaults.ts'
import { DueQueue } from './due-queue.ts'
import { type MachineInput, step } from './machine.ts'
import { MonitoredTarget } from './monitored-target.ts'
import { parseOptions } from './options.ts'
import type { Probe, ProbeResult } from './probe.ts'
import { type HealthRulesOptions, healthRulesSchema } from './rules.ts'
import type { HealthEvent, TargetHealth, TrafficReport } from './target-health.ts'

/** A target to look at. The rules it leaves out are {@link healthDefaults}. */
export interface MonitoredTargetOptions extends HealthRulesOptions {
  readonly id: string
  readonly probe: Probe
}

export interface HealthMonitorOptions {
  /** Results kept for each target. Default: 20 */
  readonly historySize?: number | undefined
  /** Probes in flight at a time; more wait their turn, the longest due first. Default: 100 */
  readonly maxConcurrentProbes?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly logger?: Logger | undefined
}

const limitsSchema = z.strictObject({
  historySize: z.int().min(1).max(10_000).default(monitorDefaults.historySize),
  maxConcurrentProbes: z.int().min(1).max(100_000).default(monitorDefaults.maxConcurrentProbes),
})

interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at targets, hundreds of them on one timer, and keeps a verdict on each.
 * The decisions are `step()` in machine.ts; here are the timer, the probes in flight and the events.
 */
export class HealthMonitor implements EventSource<HealthEvent>, AsyncDisposable {
  readonly #clock: Clock
  readonly #random: Random
  readonly #logger: Logger
  readonly #historySize: number
  readonly #maxConcurrentProbes: number
  readonly #emitter: Emitter<HealthEvent>
  readonly #targets = new Map<string, MonitoredTarget>()
  readonly #queue = new DueQueue<MonitoredTarget>()
  readonly #inFlight = new Set<Promise<void>>()
  #running = false
  #timer: { readonly dueMs: number; readonly handle: Timer } | undefined

  /** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
  constructor(options: HealthMonitorOptions = {}) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger, ...limits } = options
    const { historySize, maxConcurrentProbes } = parseOptions('health monitor', limitsSchema, limits)
    this.#clock = clock
    this.#random = random
    this.#logger = logger
    this.#historySize = historySize
    this.#maxConcurrentProbes = maxConcurrentProbes
    this.#emitter = new Emitter({ logger })
  }

  /**
   * Takes a target on; its state is `unknown` until something is proven.
   *
   * @throws HotspareError `HOTSPARE_HEALTH_DUPLICATE`, `HOTSPARE_HEALTH_OPTIONS`
   */
  add(options: MonitoredTargetOptions): void {
    const { id, probe, ...rest } = options
    const rules = parseOptions(`health monitor: target ${id}`, healthRulesSchema, rest)
    if (this.#targets.has(id)) {
      throw new HotspareError({ code: 'HOTSPARE_HEALTH_DUPLICATE', message: `health monitor: target ${id}: added twice: ids are unique` })
    }
    const target = new MonitoredTarget({ id, probe, rules, historySize: this.#historySize, sinceMs: this.#clock.wallMs() })
    this.#targets.set(id, target)
    if (this.#running) this.#enqueueFirst(target)
    this.#arm()
  }

  /** Forgets a target; a probe of it in flight is aborted and not counted. @returns whether there was one */
  remove(id: string): boolean {
    const target = this.#targets.get(id)
    if (!target) return false
    this.#targets.delete(id)
    this.#queue.delete(target)
    target.abort?.abort(aborted(`target ${id} was removed`))
    this.#arm()
    return true
  }

  /** Passive health: what a real request met. A report on an unknown id is ignored: the target may just have been removed. */
  reportTraffic(id: string, report: TrafficReport): void {
    const target = this.#targets.get(id)
    if (!target) return
    this.#decide(target, { type: 'traffic', ok: report.ok, detail: report.ok ? '' : clipDetail(report.detail ?? '') })
    if (report.ok || !this.#running || !this.#watches(target)) return
    const nowMs = this.#clock.monotonicMs()
    if (!target.claimSoonerLook(nowMs)) return
    this.#queue.set(target, nowMs)
    this.#arm()
  }

  get(id: string): TargetHealth | undefined {
    return this.#targets.get(id)?.snapshot()
  }

  /** All targets, in the order in which they were added. */
  list(): readonly TargetHealth[] {
    return [...this.#targets.values()].map((target) => target.snapshot())
  }

  /** Whether every target has left `unknown`. */
  allKnown(): boolean {
    return [...this.#targets.values()].every((target) => target.machine.state !== 'unknown')
  }

  subscribe(listener: Listener<HealthEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  /** Begins to look at the targets; after a `stop()` it goes on with the states it had. */
  start(options: CallOptions = {}): Promise<void> {
    if (options.signal?.aborted) return Promise.reject(abortReason(options.signal))
    if (!this.#running) {
      this.#running = true
      for (const target of this.#targets.values()) this.#enqueueFirst(target)
      this.#arm()
    }
    return Promise.resolve()
  }

  /** Ends the timer and aborts the probes in flight, uncounted; resolves when they have let go. */
  async stop(options: CallOptions = {}): Promise<void> {
    this.#running = false
    this.#queue.clear()
    this.#arm()
    for (const target of this.#targets.values()) target.abort?.abort(aborted('the monitor was stopped'))
    if (this.#inFlight.size === 0) return
    const settled = () => Promise.all(this.#inFlight)
    await withDeadline('health monitor: stop', monitorDefaults.stopTimeoutMs, settled, { signal: options.signal, clock: this.#clock })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  #enqueueFirst(target: MonitoredTarget): void {
    // A target whose aborted probe has not let go yet comes back to the queue when it has.
    const dueMs = target.anchor(this.#clock.monotonicMs(), this.#random.next())
    if (!target.abort) this.#queue.set(target, dueMs)
  }

  /** Sets the one timer to the earliest due target; takes it off where none may start. */
  #arm(): void {
    const free = this.#inFlight.size < this.#maxConcurrentProbes
    const dueMs = this.#running && free ? this.#queue.peek()?.dueMs : undefined
    if (dueMs === this.#timer?.dueMs) return
    this.#timer?.handle.cancel()
    this.#timer = undefined
    if (dueMs === undefined) return
    const delayMs = Math.max(0, dueMs - this.#clock.monotonicMs())
    const handle = this.#clock.schedule(delayMs, () => {
      this.#timer = undefined
      this.#startDue()
    })
    this.#timer = { dueMs, handle }
  }

  #startDue(): void {
    const nowMs = this.#clock.monotonicMs()
    while (this.#inFlight.size < this.#maxConcurrentProbes) {
      const first = this.#queue.peek()
      if (!first || first.dueMs > nowMs) break
      this.#queue.delete(first.item)
      const looking: Promise<void> = this.#look(first.item, nowMs).finally(() => {
        this.#inFlight.delete(looking)
        this.#arm()
      })
      this.#inFlight.add(looking)
    }
    this.#arm()
  }

  /** One probe from its start to its consequences. Never rejects. */
  async #look(target: MonitoredTarget, nowMs: number): Promise<void> {
    const controller = new AbortController()
    target.abort = controller
    target.started(nowMs)
    const result = await this.#run(target, controller.signal)
    target.abort = undefined
    if (!controller.signal.aborted) this.#finished(target, result)
    if (this.#running && this.#watches(target)) this.#queue.set(target, target.nextDueMs)
  }

  /** Whether a target is still ours: any listener may remove it, and another may have its id by now. */
  #watches(target: MonitoredTarget): boolean {
    return this.#targets.get(target.id) === target
  }

  /** Runs the probe; one that throws or never ends counts as failed, so that a broken probe stops no loop. Only for want of something on this side it does not count. */
  async #run(target: MonitoredTarget, signal: AbortSignal): Promise<ProbeResult> {
    const { id, probe } = target
    const startedMs = this.#clock.monotonicMs()
    try {
      const work = (own: AbortSignal) => probe.run({ signal: own })
      const limitMs = Math.min(LONGEST_DELAY_MS, probe.timeoutMs + monitorDefaults.overrunMs)
      const result = await withDeadline(`probe of ${id}`, limitMs, work, { signal, clock: this.#clock })
      return { ...result, detail: clipDetail(result.detail) }
    } catch (error) {
      if (!signal.aborted) this.#logger.warn({ targetId: id, probeType: probe.type, error: errorText(error) }, 'a probe threw')
      const durationMs = this.#clock.monotonicMs() - startedMs
      if (networkFault(error) === 'local') return { outcome: 'inconclusive', detail: clipDetail(errorText(error)), durationMs }
      const reason = errorCode(error) === 'HOTSPARE_CORE_TIMEOUT' ? 'timeout' : 'error'
      return { outcome: 'fail', reason, detail: clipDetail(errorText(error)), durationMs }
    }
  }

  #finished(target: MonitoredTarget, result: ProbeResult): void {
    const at = this.#clock.wallMs()
    target.history.push({ at, result })
    target.lastResult = result
    this.#emitter.emit({ type: 'probe-finished', at, targetId: target.id, result })
    if (this.#watches(target)) this.#decide(target, { type: 'probe', outcome: result.outcome, detail: result.detail })
  }

  #decide(target: MonitoredTarget, input: MachineInput): void {
    const { state, effects } = step(target.machine, input, target.rules)
    target.machine = state
    for (const { from, to, because } of effects) {
      const at = this.#clock.wallMs()
      target.verdict = { state: to, since: at, because }
      this.#logger.debug({ targetId: target.id, from, to, because }, 'a target changed its state')
      this.#emitter.emit({ type: `target-${to}`, at, targetId: target.id, from, because })
    }
  }
}

/** @throws HotspareError `HOTSPARE_HEALTH_OPTIONS` */
export function createHealthMonitor(options: HealthMonitorOptions = {}): HealthMonitor {
  return new HealthMonitor(options)
}

function aborted(why: string): HotspareError {
  return new HotspareError({ code: 'HOTSPARE_HEALTH_ABORTED', message: `health monitor: probe aborted: ${why}` })
}
