import type { AdminState, Clock, EventSource, HealthState, Listener, Logger } from '@hotspare/core'
import { Emitter } from '@hotspare/core'
import { adminWord } from './admin.ts'
import { flapRatio, penaltyAt } from './damping.ts'
import type { MonitoredTarget } from './monitored-target.ts'
import type { ProbeResult } from './probe.ts'
import type { HealthEvent, ObserverVerdict } from './target-health.ts'

/**
 * Tells what has become of targets and of the observer. Whoever calls has brought the target up to date before: a listener
 * may ask for it, change it and remove it.
 */
export class MonitorEvents implements EventSource<HealthEvent> {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #emitter: Emitter<HealthEvent>

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
    this.#emitter = new Emitter({ logger })
  }

  subscribe(listener: Listener<HealthEvent>): () => void {
    return this.#emitter.subscribe(listener)
  }

  finished({ id }: MonitoredTarget, at: number, result: ProbeResult): void {
    this.#emitter.emit({ type: 'probe-finished', at, targetId: id, result })
  }

  /** @param from the state before */
  state({ id, verdict }: MonitoredTarget, from: HealthState): void {
    const { state, since, because } = verdict
    this.#logger.debug({ targetId: id, from, to: state, because }, 'a target changed its state')
    this.#emitter.emit({ type: `target-${state}`, at: since, targetId: id, from, because })
  }

  /** Tells what is wanted of a target, where that is something else than `before`. */
  admin(target: MonitoredTarget, before: AdminState | undefined, because: string): void {
    const admin = adminWord(target.voices)
    if (admin?.state === before) return
    this.#emitter.emit({ type: 'target-admin', at: this.#clock.wallMs(), targetId: target.id, admin, because })
  }

  warning({ id, warning }: MonitoredTarget, before: string | undefined): void {
    if (warning === before) return
    this.#emitter.emit({ type: 'target-warning', at: this.#clock.wallMs(), targetId: id, warning, before })
  }

  weight({ id, weight }: MonitoredTarget, before: number): void {
    if (weight === before) return
    this.#emitter.emit({ type: 'target-weight', at: this.#clock.wallMs(), targetId: id, weight, before })
  }

  flaps({ id, isHeld, damping, rules }: MonitoredTarget): void {
    const score = Math.round(flapRatio(damping) * 100)
    const penalty = rules.damping ? penaltyAt(damping, this.#clock.monotonicMs(), rules.damping).toFixed(1) : '0'
    const because = `its flap score is ${score} %, and its penalty ${penalty}`
    this.#emitter.emit({ type: isHeld ? 'target-flapping' : 'target-settled', at: this.#clock.wallMs(), targetId: id, because })
  }

  observer({ state, since, because }: ObserverVerdict): void {
    this.#logger[state === 'well' ? 'info' : 'warn']({ because }, `the observer is ${state}`)
    this.#emitter.emit({ type: `observer-${state}`, at: since, because })
  }
}
