import type { Alert, Severity } from '@hotspare/alert'
import type { AlertRouteConfig } from './config/config.ts'
import type { TargetHealthEvent } from './target-board.ts'

export interface AlertFacts {
  readonly event: TargetHealthEvent
  readonly node: string
  /** Whether the pool still has a target that is up. */
  readonly poolServed: boolean
  /** Whether people had taken the target out before. */
  readonly takenOut: boolean
  /** The severities of the alerts that fire now, by key. */
  readonly firing: ReadonlyMap<string, Severity>
}

/** Whether people are told of an event, and what. A target that comes up for the first time, or that people took out, is no news. */
export function decideAlert({ event, node, poolServed, takenOut, firing }: AlertFacts): Alert | undefined {
  const key = `target/${event.targetId}`
  const down = event.type === 'target-down'
  if (down ? takenOut : !firing.has(key)) return undefined
  const labels = { node, pool: event.pool, target: event.targetId }
  const rest = poolServed ? 'Other targets of the pool take over.' : `No target of pool ${event.pool} is up.`
  return {
    id: `${event.targetId}/${event.type}/${event.at}`,
    key,
    status: down ? 'firing' : 'resolved',
    type: event.type,
    // All-clear goes to whoever was alarmed.
    severity: firing.get(key) ?? (poolServed ? 'warning' : 'critical'),
    title: `${event.targetId} is ${down ? 'down' : 'up again'}`,
    text: down ? `${event.because}. ${rest}` : event.because,
    at: event.at,
    labels,
  }
}

/** The channels of the routes that match, each once. */
export function channelsFor(severity: Severity, routes: readonly AlertRouteConfig[]): readonly string[] {
  const matching = routes.filter((route) => route.severities === undefined || route.severities.includes(severity))
  return [...new Set(matching.flatMap((route) => route.to))]
}
