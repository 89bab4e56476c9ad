import { routeProblems } from '@hotspare/proxy/routes'
import type { ParsedProxy } from './schema-proxies.ts'
import type { RouteConfig } from './config-routes.ts'
import type { Finding, Path } from './problem.ts'

/** What the routes of a proxy must be to each other, and to its pool. */
export function routeContradictions({ proxies }: { readonly proxies: readonly (ParsedProxy | undefined)[] }): Finding[] {
  return proxies.flatMap((proxy, index) => {
    if (!proxy || proxy.tcp) return []
    const path = ['proxies', index]
    return [...leadsNowhere(proxy, path), ...wrongRoutes(proxy.routes, path), ...unreachablePool(proxy, path), ...circles(proxy, path)]
  })
}

/** What other proxies would take for a pattern or a variable, and here stands for itself. */
export function routeDoubts({ proxies }: { readonly proxies: readonly (ParsedProxy | undefined)[] }): Finding[] {
  return proxies.flatMap((proxy, index) =>
    (proxy?.routes ?? []).flatMap(({ path: prefix, to }, position): Finding[] => {
      const path = ['proxies', index, 'routes', position]
      const redirect = to.type === 'redirect' && 'to' in to.redirect ? to.redirect.to : ''
      return [
        ...(prefix?.includes('*') ? [{ path: [...path, 'path'], ...STAR }] : []),
        ...(/[{}]|\$[a-z]/i.test(redirect) ? [{ path: [...path, 'redirect', 'to'], ...VARIABLE }] : []),
      ]
    }),
  )
}

const STAR = { message: 'a "*" in a path stands for itself', hint: 'a path is for everything below it: write /api, and not /api/*' }
const VARIABLE = {
  message: 'there are no variables here: it is sent to clients as it stands',
  hint: '"https: true" keeps host and path, and "keepPath: true" puts the path behind "to"',
}

function leadsNowhere({ pool, routes }: ParsedProxy, path: Path): Finding[] {
  if (pool !== undefined || routes.length > 0) return []
  return [{ path, message: 'the proxy leads nowhere', hint: 'write the key "pool", or "routes"' }]
}

function wrongRoutes(routes: readonly RouteConfig[], path: Path): Finding[] {
  return routeProblems(routes).map(({ index, key, message, other }) => {
    const route = [...path, 'routes', index]
    const hint = other === undefined ? undefined : 'no order says which of them holds: give one of them another host, path or condition'
    return { path: routes[index]?.[key] === undefined ? route : [...route, key], message, hint }
  })
}

/** A route without any condition leaves nothing over. */
function unreachablePool({ pool, routes }: ParsedProxy, path: Path): Finding[] {
  if (pool === undefined) return []
  const all = routes.findIndex(({ host, path: prefix, methods, headers }) => {
    return (
      host === undefined && (prefix === undefined || prefix === '/') && methods === undefined && Object.keys(headers ?? {}).length === 0
    )
  })
  if (all === -1) return []
  return [
    {
      path: [...path, 'pool'],
      message: `no request gets there: routes[${all}] is for all that no other route takes`,
      hint: 'take one of them out',
    },
  ]
}

/** A redirect to where the client comes from would never end. */
function circles({ tls, listen, routes }: ParsedProxy, path: Path): Finding[] {
  if (!tls) return []
  return routes.flatMap(({ to }, index): Finding[] => {
    const https = to.type === 'redirect' && 'https' in to.redirect ? to.redirect.https : undefined
    if (!https || (https.port !== undefined && https.port !== listen.port)) return []
    const hint = 'put it into a proxy without "tls", or give it the "port" of another one'
    return [
      {
        path: [...path, 'routes', index, 'redirect'],
        message: 'clients of this proxy speak HTTPS already: the redirect would lead back here',
        hint,
      },
    ]
  })
}
