import type { Alert, Severity } from '@hotspare/alert'
import type { Clock } from '@hotspare/core'
import type { ServiceSnapshot } from '@hotspare/failover'
import { clusterAlert, concernKey, isClusterKey, siteKey } from './alert.ts'
import type { ClusterEvent } from '../events.ts'
import type { SiteView } from '../sites/view.ts'

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

  /** How grave the alarm with this key is; undefined: it does not fire, or is not of a cluster. */
  severityOf(key: string): Severity | undefined {
    return this.#firing.has(key) && isClusterKey(key) ? 'critical' : undefined
  }

  hear(event: ClusterEvent): void {
    const alert = clusterAlert(event, this.#options.node)
    if (!alert) return
    if (alert.status === 'firing') this.#firing.add(alert.key)
    else this.#firing.delete(alert.key)
    this.#options.notify(alert)
  }

  /** What the engine says of each service now, and which sites there are; told again and again. */
  look(services: readonly Pick<ServiceSnapshot, 'name' | 'concern'>[], sites: readonly SeenSite[] = []): void {
    if (this.#isSettled) return
    const { clock } = this.#options
    const subjects = [
      ...services.map((each) => serviceSubject(each, clock.wallMs())),
      ...sites.map((each) => siteSubject(each, clock.wallMs())),
    ]
    if (!this.#first) {
      this.#first = { atMs: clock.monotonicMs(), worried: new Set(subjects.flatMap(({ key, worry }) => (worry ? [key] : []))) }
      for (const { key, worry, end } of subjects) if (!worry && this.#firing.has(key)) this.hear(end)
    }
    if (clock.monotonicMs() - this.#first.atMs < TOLD_BY_THEN_MS) return
    this.#isSettled = true
    for (const { key, worry } of subjects) if (worry && this.#first.worried.has(key) && !this.#firing.has(key)) this.hear(worry)
  }
}

type SeenSite = Pick<SiteView, 'name' | 'state' | 'because'>

/** What an alarm is about: the event that raises it, where there is reason to, and the one that ends it. */
interface Subject {
  readonly key: string
  readonly worry: ClusterEvent | undefined
  readonly end: ClusterEvent
}

function serviceSubject({ name: service, concern }: Pick<ServiceSnapshot, 'name' | 'concern'>, at: number): Subject {
  const worry = concern === undefined ? undefined : ({ type: 'service-concern', at, service, because: concern } as const)
  return { key: concernKey(service), worry, end: { type: 'service-concern-ended', at, service } }
}

function siteSubject({ name: site, state, because }: SeenSite, at: number): Subject {
  const worry = state === 'lost' ? ({ type: 'site-lost', at, site, because } as const) : undefined
  return { key: siteKey(site), worry, end: { type: 'site-back', at, site, because } }
}
