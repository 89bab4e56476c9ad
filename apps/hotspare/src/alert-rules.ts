import type { Alert, Severity } from '@hotspare/alert'
import type { AlertRouteConfig } from './config/config.ts'
import type { BoardTarget } from './target-board.ts'

export interface AlertFacts {
  /** The target as it is now, after whatever has happened. */
  readonly target: BoardTarget
  /** When it happened, in milliseconds since the Unix epoch. */
  readonly at: number
  readonly node: string
  /** Whether the pool has a target that is up. */
  readonly poolServed: boolean
  /** The severities of the alerts that fire now, by key. */
  readonly firing: ReadonlyMap<string, Severity>
}

/**
 * Whether people are told, and what: by what is true now, not by what has just happened, so that nothing can be missed.
 * A target that comes up for the first time is no news, nor is one that goes down after people have taken it out;
 * given back while it is still down, it is.
 */
export function decideAlert(facts: AlertFacts): Alert | undefined {
  const { target, firing } = facts
  const severity = firing.get(keyOf(target))
  if (target.health.state === 'down' && severity === undefined && !target.admin) return alarm(facts)
  if (target.health.state === 'up' && severity !== undefined) return allClear(facts, severity)
  return undefined
}

function alarm({ target, at, node, poolServed }: AlertFacts): Alert {
  const rest = poolServed ? 'Other targets of the pool take over.' : `No target of pool ${target.pool} is up.`
  return {
    ...common(target, at, node, 'target-down'),
    status: 'firing',
    severity: poolServed ? 'warning' : 'critical',
    title: `${target.id} is down`,
    text: `${target.health.because}. ${rest}`,
  }
}

/** @param severity of the alarm: the all-clear goes to whoever was alarmed */
function allClear({ target, at, node }: AlertFacts, severity: Severity): Alert {
  return {
    ...common(target, at, node, 'target-up'),
    status: 'resolved',
    severity,
    title: `${target.id} is up again`,
    text: target.health.because,
  }
}

function common(target: BoardTarget, at: number, node: string, type: string): Pick<Alert, 'id' | 'key' | 'type' | 'at' | 'labels'> {
  return { id: `${target.id}/${type}/${at}`, key: keyOf(target), type, at, labels: { node, pool: target.pool, target: target.id } }
}

function keyOf(target: BoardTarget): string {
  return `target/${target.id}`
}

/** The channels of the routes that match, each once. */
export function channelsFor(severity: Severity, routes: readonly AlertRouteConfig[]): readonly string[] {
  const matching = routes.filter((route) => route.severities === undefined || route.severities.includes(severity))
  return [...new Set(matching.flatMap((route) => route.to))]
}
