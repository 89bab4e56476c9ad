import type { Alert, Severity } from '@hotspare/alert'
import { type AlertFacts, decideAlerts, endOfUnwatched, subjectOfKey } from './alert-rules.ts'

export interface AlertDeskOptions {
  /** What is true of a target or a check now; undefined for what is not watched. */
  readonly factsOf: (id: string) => Omit<AlertFacts, 'at' | 'node' | 'firing' | 'inherited'> | undefined
  readonly notify: (alert: Alert) => void
  readonly node: string
  /** The alarms that fire already, by key. Default: none */
  readonly firing?: ReadonlyMap<string, Severity> | undefined
}

export interface AlertDesk {
  /** Something has changed of a target or a check. */
  look(id: string, at: number): void
  /** Ends the alarms, raised by a control before, of what is not watched any more. */
  endUnwatched(at: number): void
  /** How grave the alarm with this key is; undefined: it does not fire. */
  severityOf(key: string): Severity | undefined
}

/** Tells people of what `alert-rules.ts` finds worth it, and remembers which alarms fire. */
export function openAlertDesk({ factsOf, notify, node, firing: before }: AlertDeskOptions): AlertDesk {
  const firing = new Map<string, Severity>(before)
  const inherited = new Set(before?.keys())
  return {
    look(id, at) {
      const facts = factsOf(id)
      if (!facts) return
      for (const alert of decideAlerts({ ...facts, at, node, firing, inherited })) {
        inherited.delete(alert.key)
        if (alert.status === 'firing') firing.set(alert.key, alert.severity)
        else firing.delete(alert.key)
        notify(alert)
      }
    },
    endUnwatched(at) {
      for (const [key, severity] of firing) {
        const subject = subjectOfKey(key)
        if (!subject || factsOf(subject.id)) continue
        inherited.delete(key)
        firing.delete(key)
        notify(endOfUnwatched(key, subject, { at, node, severity }))
      }
    },
    severityOf: (key) => firing.get(key),
  }
}
