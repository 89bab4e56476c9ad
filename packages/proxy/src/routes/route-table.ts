import { conditionsOf, type ReadRoute } from './read-routes.ts'
import type { RoutedRequest } from './types.ts'

/** Routes by path: looked up from the longest prefix that may be one, a segment less each time. */
class PathTable {
  readonly #routes = new Map<string, ReadRoute[]>()
  #deepest = 0
  #longest = 0

  add(route: ReadRoute): void {
    const { path } = route
    const there = [...(this.#routes.get(path) ?? []), route]
    // Equal ones exclude each other.
    const ordered = there.toSorted((one, other) => conditionsOf(other) - conditionsOf(one))
    this.#routes.set(path, ordered)
    this.#deepest = Math.max(this.#deepest, path.split('/').length - 1)
    this.#longest = Math.max(this.#longest, path.length)
  }

  find(path: string, request: RoutedRequest): number | undefined {
    for (let end = this.#begin(path); ; end = path.lastIndexOf('/', end - 1)) {
      const routes = this.#routes.get(end <= 0 ? '' : path.slice(0, end))
      const fits = routes?.find((route) => holds(route, request))
      if (fits) return fits.index
      if (end <= 0) return undefined
    }
  }

  /** What is deeper or longer than any route need not be looked up. */
  #begin(path: string): number {
    let end = 0
    for (let depth = 0; depth < this.#deepest && end < path.length; depth += 1) {
      const next = path.indexOf('/', end + 1)
      end = next === -1 ? path.length : next
    }
    while (end > this.#longest) end = path.lastIndexOf('/', end - 1)
    return end
  }
}

/** Where routes are looked up: by host, then by path, then by what else they ask for. */
export class RouteTable {
  /** Whether a host, or a path, makes any difference. */
  readonly looksAtHosts: boolean
  readonly looksAtPaths: boolean
  readonly #exact = new Map<string, PathTable>()
  readonly #below = new Map<string, PathTable>()
  readonly #any = new PathTable()
  #longestSuffix = 0

  constructor(routes: readonly ReadRoute[]) {
    this.looksAtHosts = routes.some(({ host }) => host.kind !== 'any')
    this.looksAtPaths = routes.some(({ path }) => path !== '')
    for (const route of routes) {
      const { host } = route
      if (host.kind === 'any') this.#any.add(route)
      else if (host.kind === 'exact') tableOf(this.#exact, host.host).add(route)
      else {
        tableOf(this.#below, host.suffix).add(route)
        this.#longestSuffix = Math.max(this.#longestSuffix, host.suffix.length)
      }
    }
  }

  /** @param host as `hostOf` gives it @returns the index of a route */
  find(host: string, path: string, request: RoutedRequest): number | undefined {
    const exact = this.#exact.get(host)?.find(path, request)
    if (exact !== undefined) return exact
    if (this.#longestSuffix > 0) {
      // One label or more in front, so not from the first character; and no further back than a suffix reaches.
      let dot = host.indexOf('.', Math.max(1, host.length - this.#longestSuffix))
      for (; dot !== -1; dot = host.indexOf('.', dot + 1)) {
        const below = this.#below.get(host.slice(dot))?.find(path, request)
        if (below !== undefined) return below
      }
    }
    return this.#any.find(path, request)
  }
}

function tableOf(tables: Map<string, PathTable>, name: string): PathTable {
  const table = tables.get(name) ?? new PathTable()
  tables.set(name, table)
  return table
}

function holds({ methods, headers }: ReadRoute, request: RoutedRequest): boolean {
  if (methods && !methods.has(request.method)) return false
  for (const [name, value] of headers) if (request.headers[name] !== value) return false
  return true
}
