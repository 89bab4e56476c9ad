import type { Alert, Severity } from '@hotspare/alert'
import type { Clock } from '@hotspare/core'
import type { ServiceSnapshot } from '@hotspare/failover'
import { clusterAlert, concernKey } from './alert.ts'
import type { ClusterEvent } from './events.ts'

export interface ConcernDeskOptions {
  readonly node: string
  readonly clock: Clock
  readonly notify: (alert: Alert) => void
  /** The alarms that people know of, by key: of the control before. */
  readonly firing?: ReadonlyMap<string, Severity> | undefined
}

/** Longer than the engine waits before it tells of a concern: of one that is older, it has told another control. */
const TOLD_BY_THEN_MS = 2_000

/**
 * Tells people of services that need them. The engine tells of a concern once; a control that died before anybody had the
 * alarm took it along. So a new one looks, once, whether what people know is what there is.
 */
export class ConcernDesk {
  readonly #options: ConcernDeskOptions
  readonly #firing: Set<string>
  /** What it saw first; undefined before that. */
  #first: { readonly atMs: number; readonly worried: ReadonlySet<string> } | undefined
  #isSettled = false

  constructor(options: ConcernDeskOptions) {
    this.#options = options
    this.#firing = new Set(options.firing?.keys())
  }

  /** How grave the alarm with this key is; undefined: it does not fire, or is not of a service. */
  severityOf(key: string): Severity | undefined {
    return this.#firing.has(key) && key.startsWith(concernKey('')) ? 'critical' : undefined
  }

  hear(event: ClusterEvent): void {
    const alert = clusterAlert(event, this.#options.node)
    if (!alert) return
    if (alert.status === 'firing') this.#firing.add(alert.key)
    else this.#firing.delete(alert.key)
    this.#options.notify(alert)
  }

  /** What the engine says of each service now; told again and again. */
  look(services: readonly Pick<ServiceSnapshot, 'name' | 'concern'>[]): void {
    if (this.#isSettled) return
    const { clock } = this.#options
    const at = clock.wallMs()
    if (!this.#first) {
      const worried = services.flatMap(({ name, concern }) => (concern === undefined ? [] : [name]))
      this.#first = { atMs: clock.monotonicMs(), worried: new Set(worried) }
      for (const { name: service, concern } of services)
        if (concern === undefined && this.#firing.has(concernKey(service))) this.hear({ type: 'service-concern-ended', at, service })
    }
    if (clock.monotonicMs() - this.#first.atMs < TOLD_BY_THEN_MS) return
    this.#isSettled = true
    for (const { name: service, concern } of services) {
      const isNews = concern !== undefined && this.#first.worried.has(service) && !this.#firing.has(concernKey(service))
      if (isNews) this.hear({ type: 'service-concern', at, service, because: concern })
    }
  }
}
