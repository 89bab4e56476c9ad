import type { Alert, Severity } from '@hotspare/alert'
import { dnsAlerts, isDnsKey, isRecordEvent } from './alerts.ts'

export interface DnsAlertDeskOptions {
  readonly node: string
  readonly notify: (alert: Alert) => void
  /** The alarms that people know of, by key: of the control before. */
  readonly firing?: ReadonlyMap<string, Severity> | undefined
}

/** Tells people of records that are not what they should be, each alarm once. */
export class DnsAlertDesk {
  readonly #options: DnsAlertDeskOptions
  readonly #firing: Map<string, Severity>

  constructor(options: DnsAlertDeskOptions) {
    this.#options = options
    this.#firing = new Map([...(options.firing ?? [])].filter(([key]) => isDnsKey(key)))
  }

  /** How grave the alarm with this key is; undefined: it does not fire, or is not of DNS. */
  severityOf(key: string): Severity | undefined {
    return this.#firing.get(key)
  }

  /** Whatever is none of its business is let pass. */
  hear(event: { readonly type: string }): void {
    if (!isRecordEvent(event)) return
    const { node, notify } = this.#options
    for (const alert of dnsAlerts(event, node, new Set(this.#firing.keys()))) {
      if (alert.status === 'firing') this.#firing.set(alert.key, alert.severity)
      else this.#firing.delete(alert.key)
      notify(alert)
    }
  }
}
