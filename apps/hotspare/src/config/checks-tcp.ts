import type { FileView } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import type { ParsedPool } from './schema-pools.ts'
import type { ParsedProxy } from './schema-proxies.ts'
import { poolsOf } from './config-routes.ts'

export interface DraftTcp {
  readonly pools: readonly { readonly name: string; readonly pool: ParsedPool | undefined }[]
  readonly proxies: readonly (ParsedProxy | undefined)[]
}

/** Keys that mean something in one mode alone. */
const HTTP_KEYS: readonly Path[] = [
  ['routes'],
  ['errorPages'],
  ['forwarded'],
  ['accessLog'],
  ['tls'],
  ['timeouts', 'firstByte'],
  ['timeouts', 'answer'],
  ['limits', 'headers'],
  ['limits', 'body'],
  ['limits', 'headersTimeout'],
  ['limits', 'requests'],
  ['limits', 'waitingPerTarget'],
]
const TCP_KEYS: readonly Path[] = [['proxyProtocol'], ['serverNames'], ['closeOnDown'], ['timeouts', 'hello'], ['timeouts', 'halfClose']]

/** What does not go together with the mode of a proxy, and what it cannot do with its targets. */
export function tcpContradictions({ proxies, pools }: DraftTcp, view: FileView): Finding[] {
  return [
    ...proxies.flatMap((proxy, index) => {
      if (!proxy) return []
      const path = ['proxies', index]
      if (!proxy.tcp) return [...strangeKeys(path, TCP_KEYS, 'http', view), ...tcpTargets(proxy, index, pools)]
      return [...strangeKeys(path, HTTP_KEYS, 'tcp', view), ...names(proxy, path, view), ...keyedPools(proxy, index, pools)]
    }),
    ...pools.flatMap(({ name, pool }) => (pool ? probesOverHttp(name, pool) : [])),
  ]
}

function strangeKeys(path: Path, keys: readonly Path[], mode: 'http' | 'tcp', view: FileView): Finding[] {
  const other = mode === 'http' ? 'it belongs to "mode: tcp"' : 'it belongs to proxies of HTTP: take it out'
  return keys.flatMap((key): Finding[] => {
    const at = [...path, ...key]
    return valueAt(view.value, at) === undefined ? [] : [{ path: at, at: 'key', message: `"mode: ${mode}" has no such key`, hint: other }]
  })
}

function names({ pool, tcp }: ParsedProxy, path: Path, view: FileView): Finding[] {
  const serverNames = tcp?.serverNames ?? []
  if (pool === undefined && serverNames.length === 0)
    return [{ path, message: 'the proxy leads nowhere', hint: 'write the key "pool", or "serverNames"' }]
  const hello = valueAt(view.value, [...path, 'timeouts', 'hello'])
  const idle: Finding[] =
    hello === undefined || serverNames.length > 0
      ? []
      : [{ path: [...path, 'timeouts', 'hello'], at: 'key', message: 'no hello is read', hint: 'it belongs to "serverNames"' }]
  const repeated = serverNames.flatMap(({ name }, index): Finding[] => {
    const earlier = serverNames.findIndex((other) => other.name === name)
    if (earlier === index) return []
    return [
      {
        path: [...path, 'serverNames', index, 'name'],
        message: `serverNames[${earlier}] is for the same name`,
        hint: 'take one of them out',
      },
    ]
  })
  return [...idle, ...repeated]
}

/** HTTP cannot be spoken to what is only an address. */
function tcpTargets(proxy: ParsedProxy, index: number, pools: DraftTcp['pools']): Finding[] {
  return ofPools(proxy, pools).flatMap(({ name, pool }) =>
    pool.targets.flatMap((target, place): Finding[] =>
      target.protocol === 'tcp'
        ? [
            {
              path: ['pools', name, 'targets', place],
              message: `proxies[${index}] speaks HTTP, and this is a target of TCP`,
              hint: 'write http:// or https://, or "mode: tcp" for the proxy',
            },
          ]
        : [],
    ),
  )
}

/** What is in a request cannot be looked at where there is none. */
function keyedPools(proxy: ParsedProxy, index: number, pools: DraftTcp['pools']): Finding[] {
  return ofPools(proxy, pools).flatMap(({ name, pool }): Finding[] => {
    const found: Finding[] = []
    const of = `proxies[${index}] has "mode: tcp" and sees no requests`
    if ('key' in pool.balance && pool.balance.key.from !== 'source')
      found.push({ path: ['pools', name, 'balance'], message: of, hint: 'write "key: { from: source }", or an algorithm without a key' })
    if (pool.sticky) found.push({ path: ['pools', name, 'sticky'], at: 'key', message: of, hint: 'there are no cookies: take it out' })
    if (pool.staleIfError)
      found.push({ path: ['pools', name, 'staleIfError'], at: 'key', message: of, hint: 'no answers can be kept: take it out' })
    return found
  })
}

const PROBES_OVER_HTTP: ReadonlySet<string> = new Set(['http', 'websocket', 'metric'])

/** Whether by HTTP or HTTPS, the URL of the target would have to say. */
function probesOverHttp(name: string, { health, targets }: ParsedPool): Finding[] {
  const target = PROBES_OVER_HTTP.has(health.type) ? targets.findIndex(({ protocol }) => protocol === 'tcp') : -1
  if (target < 0) return []
  const hint = 'write http:// or https:// for the targets, or another type'
  return [
    { path: ['pools', name, 'health'], message: `a health check of type ${health.type}, and targets[${target}] is a target of TCP`, hint },
  ]
}

function ofPools(proxy: ParsedProxy, pools: DraftTcp['pools']): { readonly name: string; readonly pool: ParsedPool }[] {
  const used = poolsOf(proxy)
  return pools.flatMap(({ name, pool }) => (pool && used.includes(name) ? [{ name, pool }] : []))
}
