import { HotspareError } from '@hotspare/core'
import { hostOf } from './host-names.ts'
import { isPlain, readingsOf } from './path-readings.ts'
import { RouteTable } from './route-table.ts'
import { readRoutes } from './read-routes.ts'
import type { Route, RoutedRequest, RouteFound, RouteProblem, Router } from './types.ts'

/** Everything that is wrong with a list of routes; none: a router can be made of it. */
export function routeProblems(routes: readonly Route<unknown>[]): readonly RouteProblem[] {
  return readRoutes(routes).problems
}

/**
 * A router: of the routes that a request fits, the most specific one, wherever it stands in the list. An exact host goes
 * before a wildcard, a longer wildcard before a shorter one, any wildcard before a route for every host; then the longer
 * path goes first; then the route with more conditions.
 *
 * A path is looked up in every reading that servers have of it (`path-readings.ts`). Where these lead to different routes,
 * the request is `unclear`: answer it with 400, or a target might serve what belongs to another route. What is sent on is
 * always the path as it was written.
 *
 * @throws HotspareError `HOTSPARE_PROXY_ROUTES` that names the first route that is wrong; {@link routeProblems} has them all
 */
export function createRouter<To>(routes: readonly Route<To>[]): Router<To> {
  const { read, problems } = readRoutes(routes)
  const [problem] = problems
  if (problem) {
    throw new HotspareError({
      code: 'HOTSPARE_PROXY_ROUTES',
      message: `proxy: routes[${problem.index}].${problem.key}: ${problem.message}`,
    })
  }
  const table = new RouteTable(read)
  const found = routes.map((route, index): RouteFound<To> => ({ kind: 'route', route, index }))
  const byIndex = (index: number | undefined): RouteFound<To> => (index === undefined ? NONE : (found[index] ?? NONE))

  return {
    find(request) {
      const host = hostOf(request.host ?? '')
      if (host === undefined) return table.looksAtHosts ? ESCAPED_HOST : byIndex(table.find('', pathOf(request), request))
      const path = pathOf(request)
      if (!table.looksAtPaths || isPlain(path)) return byIndex(table.find(host, path, request))
      return findInReadings(host, path, request)
    },
  }

  function findInReadings(host: string, path: string, request: RoutedRequest): RouteFound<To> {
    const readings = readingsOf(path)
    if (!readings) return UNREADABLE_PATH
    let first: number | undefined
    for (const [turn, reading] of readings.entries()) {
      const index = table.find(host, reading, request)
      if (turn === 0) first = index
      else if (index !== first) return UNCLEAR_PATH
    }
    return byIndex(first)
  }
}

const NONE = Object.freeze({ kind: 'none' } as const)
const ESCAPED_HOST = Object.freeze({ kind: 'unclear', because: 'its host is written with escapes' } as const)
const UNREADABLE_PATH = Object.freeze({ kind: 'unclear', because: 'nobody can tell how its path is read' } as const)
const UNCLEAR_PATH = Object.freeze({ kind: 'unclear', because: 'servers may read its path as that of another route' } as const)

/** Without its query. */
function pathOf({ path = '/' }: RoutedRequest): string {
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}
