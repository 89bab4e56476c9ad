import type { Alerter, Severity } from '@hotspare/alert'
import { channelsFor, decideAlert } from './alert-rules.ts'
import type { AlertRouteConfig } from './config/config.ts'
import type { TargetBoard } from './target-board.ts'

export interface AlertDeskOptions {
  readonly board: Pick<TargetBoard, 'get' | 'isServed' | 'subscribe'>
  readonly alerter: Pick<Alerter, 'notify'>
  readonly routes: readonly AlertRouteConfig[]
  readonly node: string
  /** The alarms that fire already, by key. Default: none */
  readonly firing?: ReadonlyMap<string, Severity> | undefined
}

export interface AlertDesk {
  /** How grave the alarm with this key is; undefined: it does not fire. */
  severityOf(key: string): Severity | undefined
}

/** Follows the board and tells people of what `alert-rules.ts` finds worth it. It remembers which alarms fire, one for a target. */
export function openAlertDesk({ board, alerter, routes, node, firing: before }: AlertDeskOptions): AlertDesk {
  const firing = new Map<string, Severity>(before)
  board.subscribe(({ targetId, at }) => {
    const target = board.get(targetId)
    const alert = target && decideAlert({ target, at, node, poolServed: board.isServed(target.pool), firing })
    if (!alert) return
    if (alert.status === 'firing') firing.set(alert.key, alert.severity)
    else firing.delete(alert.key)
    alerter.notify(alert, { channels: channelsFor(alert.severity, routes) })
  })
  return { severityOf: (key) => firing.get(key) }
}
