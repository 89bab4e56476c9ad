import { type HostPattern, readHostPattern } from './host-names.ts'
import { readingsOf } from './path-readings.ts'
import type { Route, RouteProblem } from './types.ts'

/** A route as it is looked up. */
export interface ReadRoute {
  readonly index: number
  readonly host: HostPattern
  /** `/api`; empty for every path. */
  readonly path: string
  readonly methods: ReadonlySet<string> | undefined
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** How much a route asks beyond host and path: among those, more is more specific. */
export function conditionsOf({ methods, headers }: ReadRoute): number {
  return (methods ? 1 : 0) + headers.length
}

/** Reads a list of routes, each by itself and then beside those before it. */
export function readRoutes(routes: readonly Route<unknown>[]): {
  readonly read: readonly ReadRoute[]
  readonly problems: readonly RouteProblem[]
} {
  const read: ReadRoute[] = []
  const problems: RouteProblem[] = []
  const places = new Map<string, ReadRoute[]>()
  for (const [index, route] of routes.entries()) {
    const result = readRoute(route, index)
    if ('message' in result) {
      problems.push(result)
      continue
    }
    const place = placeOf(result)
    const before = places.get(place) ?? []
    const other = before.find((each) => conditionsOf(each) === conditionsOf(result) && canBothHold(each, result))
    if (other)
      problems.push({
        index,
        key: collisionKey(result, route),
        message: `routes[${other.index}] is for the same requests`,
        other: other.index,
      })
    places.set(place, [...before, result])
    read.push(result)
  }
  return { read, problems }
}

function readRoute(route: Route<unknown>, index: number): ReadRoute | RouteProblem {
  const host = readHostPattern(route.host)
  if (typeof host === 'string') return { index, key: 'host', message: host }
  const path = readPath(route.path ?? '/')
  if (typeof path !== 'object') return { index, key: 'path', message: path }
  const methods = route.methods && methodsOf(route.methods)
  if (typeof methods === 'string') return { index, key: 'methods', message: methods }
  const headers = Object.entries(route.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
  const bad = headers.find(([name]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
  if (bad) return { index, key: 'headers', message: `${JSON.stringify(bad[0])} is no name of a header` }
  return { index, host, path: path.prefix, methods, headers }
}

/** In the words in which paths of requests are compared. */
function readPath(path: string): { readonly prefix: string } | string {
  if (!path.startsWith('/')) return 'a path begins with "/"'
  if (/[?#\s]/.test(path)) return 'a path has no query, no fragment and no spaces'
  const bytes = Buffer.from(path, 'utf8').toString('latin1')
  const readings = readingsOf(bytes.replace(/\/$/, ''))
  const [prefix] = readings ?? []
  if (readings?.length !== 1 || prefix === undefined)
    return 'a path of a route has one reading: no "//", ";", "\\", "%2F", "." or ".." in it'
  return { prefix }
}

function methodsOf(methods: readonly string[]): ReadonlySet<string> | string {
  if (methods.length === 0) return 'a list of methods without one is for no request'
  const bad = methods.find((method) => !/^[A-Z][A-Z-]*$/.test(method))
  if (bad !== undefined) return `${JSON.stringify(bad)} is no method in capitals`
  return new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)
}

function placeOf({ host, path }: ReadRoute): string {
  return `${host.kind === 'any' ? '' : host.kind === 'exact' ? host.host : `*${host.suffix}`} ${path}`
}

/** Whether there is a request that both are for, host and path being the same. */
function canBothHold(one: ReadRoute, other: ReadRoute): boolean {
  if (one.methods && other.methods && ![...one.methods].some((method) => other.methods?.has(method))) return false
  return one.headers.every(([name, value]) => other.headers.every(([also, wanted]) => also !== name || wanted === value))
}

function collisionKey(read: ReadRoute, route: Route<unknown>): RouteProblem['key'] {
  if (route.path !== undefined || read.host.kind === 'any') return 'path'
  return 'host'
}
