import type { Redirect } from '@hotspare/proxy/routes'
import type { ProxyConfig } from './config.ts'

/** Which requests, and what becomes of them. */
export interface RouteConfig {
  /** Undefined: every host. */
  readonly host?: string | undefined
  /** Undefined: every path. */
  readonly path?: string | undefined
  readonly methods?: readonly string[] | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly to: RouteTarget
}

export type RouteTarget =
  /** `maintenance`: whatever its pool is. */
  | { readonly type: 'pool'; readonly pool: string; readonly maintenance: boolean }
  | { readonly type: 'redirect'; readonly redirect: Redirect }
  | { readonly type: 'answer'; readonly status: number; readonly contentType: string; readonly body: string }

/** A page that clients see: where the proxy itself says no with that status, or in maintenance. */
export interface ErrorPageConfig {
  readonly for: number | 'maintenance'
  /** As the file names it. */
  readonly file: string
  /** What was in it when the configuration was read. */
  readonly html: string
}

/** What a pool does while people work on it. */
export interface MaintenanceConfig {
  /** Whether the file has it in maintenance. */
  readonly on: boolean
  /** Networks of clients that get through all the same: `10.0.0.0/8`. */
  readonly allow: readonly string[]
  /** When clients are told to come again, where nobody has said how long it takes. */
  readonly retryAfterMs: number
}

/** Answers that are kept for the time when no target gives one. */
export interface StaleConfig {
  readonly forMs: number
  readonly maxEntries: number
  readonly maxBytes: number
}

/** Every pool that a proxy sends requests to, once each. */
export function poolsOf({ pool, routes, tcp }: Pick<ProxyConfig, 'pool' | 'routes' | 'tcp'>): readonly string[] {
  const named = tcp?.serverNames.map((each) => each.pool) ?? []
  const routed = [...routes.flatMap(({ to }) => (to.type === 'pool' ? [to.pool] : [])), ...named]
  return [...new Set(pool === undefined ? routed : [pool, ...routed])]
}

/** What a proxy stands in front of, in words. */
export function frontOf(proxy: Pick<ProxyConfig, 'pool' | 'routes' | 'tcp'>): string {
  return poolsOf(proxy).join(', ') || 'no pool (its routes answer)'
}
