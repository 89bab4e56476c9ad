import { accessLogContradictions } from './checks-access-log.ts'
import { balanceContradictions, balanceDoubts } from './checks-balance.ts'
import { clusterContradictions, clusterDoubts, type DraftCluster } from './checks-cluster.ts'
import { dnsContradictions, type DraftDns } from './checks-dns.ts'
import { type DraftEngines, engineContradictions, engineDoubts } from './checks-engines.ts'
import { dependencyContradictions, type DraftDependencies } from './checks-dependencies.ts'
import { tcpContradictions } from './checks-tcp.ts'
import { thresholdContradictions } from './checks-thresholds.ts'
import { type Reference, shownName, unknownNames } from './checks-names.ts'
import { collide, formatListen, isLoopback, reaches } from './addresses.ts'
import { routeContradictions, routeDoubts } from './checks-routes.ts'
import type { ApiConfig, ListenAddress, WatchRules } from './config.ts'
import { poolsOf } from './config-routes.ts'
import type { CheckProbeConfig } from './config-probes.ts'
import type { FileView } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import type { ParsedCheck } from './schema-checks.ts'
import type { ParsedPool } from './schema-pools.ts'
import type { ParsedProxy } from './schema-proxies.ts'

/** The parts of the file that could be understood; where another part is wrong, that one alone is missing. */
export interface Draft extends DraftCluster, DraftDependencies, DraftDns, DraftEngines {
  /** Those of the keys that give Hotspare something to do. */
  readonly purposes: readonly string[]
  readonly api: ApiConfig | undefined
  readonly pools: readonly { readonly name: string; readonly pool: ParsedPool | undefined }[]
  readonly checks: readonly { readonly name: string; readonly check: ParsedCheck | undefined }[]
  readonly hasQuorum: boolean
  readonly proxies: readonly (ParsedProxy | undefined)[]
  readonly channels: readonly string[]
  /** Every place that names a pool, even where the rest of the proxy or engine is wrong. */
  readonly poolReferences: readonly Reference[]
  readonly channelReferences: readonly Reference[]
}

/** What the parts of a file must be to each other. */
export function contradictions(draft: Draft, view: FileView): Finding[] {
  return [
    ...withoutPurpose(draft),
    ...clusterContradictions(draft, view),
    ...openApi(draft, view),
    ...draft.pools.flatMap(({ name, pool }) => (pool ? poolContradictions(name, pool, view) : [])),
    ...unknownNames(
      'pool',
      draft.poolReferences,
      draft.pools.map(({ name }) => name),
      view,
    ),
    ...repeatedProxyNames(draft),
    ...collidingListeners(draft),
    ...loops(draft),
    ...unknownNames('channel', draft.channelReferences, draft.channels, view),
    ...dependencyContradictions(draft, view),
    ...thresholdContradictions(draft, view),
    ...balanceContradictions(draft, view),
    ...dnsContradictions(draft, view),
    ...engineContradictions(draft),
    ...accessLogContradictions(draft),
    ...routeContradictions(draft),
    ...tcpContradictions(draft, view),
    ...lonelyQuorum(draft),
  ]
}

/** What is allowed and probably not meant. */
export function doubts(draft: Draft): Finding[] {
  const used = new Set(draft.poolReferences.map(({ name }) => name))
  const routed = new Set(draft.channelReferences.map(({ name }) => name))
  return [
    ...draft.pools
      .filter(({ name }) => !used.has(name))
      .map(({ name }) => ({
        path: ['pools', name],
        at: 'key' as const,
        message: 'no proxy uses this pool',
        hint: 'its targets are probed and get no traffic',
      })),
    ...draft.pools.flatMap(({ name, pool }) => (pool ? slowProbe(['pools', name, 'health'], pool.health, 'a target') : [])),
    ...draft.checks.flatMap(({ name, check }) => (check ? slowProbe(['checks', name], check, 'something') : [])),
    ...draft.checks.flatMap(({ name, check }) => (check ? spacedPrograms(['checks', name], check) : [])),
    ...(draft.channelReferences.length === 0 ? [] : draft.channels.filter((name) => !routed.has(name))).map((name) => ({
      path: ['alerts', 'channels', name],
      at: 'key' as const,
      message: 'no route leads to this channel',
    })),
    ...routeDoubts(draft),
    ...balanceDoubts(draft),
    ...engineDoubts(draft, new Set(draft.proxies.flatMap((proxy) => (proxy ? poolsOf(proxy) : [])))),
    ...shortToken(draft),
    ...clusterDoubts(draft),
  ]
}

/** Where the file says a deadline, and it is longer than the pace that the file asks for. */
function slowProbe(path: Path, { timeoutMs, intervalMs }: WatchRules, who: string): Finding[] {
  if (timeoutMs <= intervalMs) return []
  return [{ path: [...path, 'timeout'], message: 'longer than the interval', hint: `${who} that hangs is then probed less often` }]
}

/** A program is started without a shell: what stands behind its name would be taken for a part of it. */
function spacedPrograms(path: Path, check: CheckProbeConfig): Finding[] {
  if ('parts' in check) return check.parts.flatMap(({ name, probe }) => spacedPrograms([...path, 'of', name], probe))
  if (check.type !== 'exec' || !/\s/.test(check.options.file)) return []
  return [{ path: [...path, 'file'], message: 'a program with a space in its name', hint: 'arguments go into "args", each as an entry' }]
}

function lonelyQuorum({ hasQuorum, hasCluster }: Draft): Finding[] {
  if (!hasQuorum || hasCluster) return []
  return [{ path: ['health', 'quorum'], at: 'key', message: 'a quorum needs a cluster', hint: 'write the key "cluster", or take this out' }]
}

function withoutPurpose({ purposes }: Draft): Finding[] {
  if (purposes.length > 0) return []
  return [
    {
      path: [],
      message: 'the file gives Hotspare nothing to do',
      hint: 'write at least one of the keys pools, proxies, checks, services, dns and witness',
    },
  ]
}

/** Where guessing begins to be practical; also well above what the redactor can hide. */
const SHORT_TOKEN = 16

function shortToken({ api }: Draft): Finding[] {
  if (api?.token === undefined || api.token.length >= SHORT_TOKEN) return []
  return [
    {
      path: ['api', 'token'],
      message: `shorter than ${SHORT_TOKEN} characters`,
      hint: 'it can be guessed; `openssl rand -hex 32` makes a good one',
    },
  ]
}

function openApi({ api }: Draft, view: FileView): Finding[] {
  if (!api || api.token !== undefined || isLoopback(api.listen.host) || valueAt(view.value, ['api', 'token']) !== undefined) return []
  const hint = 'set api.token, for instance to "${env:HOTSPARE_TOKEN}", or listen on 127.0.0.1'
  return [{ path: ['api', 'listen'], message: 'other machines can reach this address, and no token is set', hint }]
}

function poolContradictions(name: string, pool: ParsedPool, view: FileView): Finding[] {
  const path = ['pools', name]
  const found: Finding[] = []
  const first = new Map<string, number>()
  for (const [index, target] of pool.targets.entries()) {
    const earlier = first.get(target.name)
    const at = namePath([...path, 'targets', index], view)
    if (earlier === undefined) first.set(target.name, index)
    else
      found.push({
        path: at,
        message: `targets[${earlier}] has the same name: ${shownName(at, target.name, view)}`,
        hint: 'give one of them another "name"',
      })
  }
  if (pool.targets.every(({ weight }) => weight === 0)) {
    found.push({ path: [...path, 'targets'], message: 'every target has weight 0', hint: 'none of them would get traffic' })
  }
  return found
}

/** Where a target's name comes from: its key `name`, else its URL, else the target itself. */
function namePath(path: Path, view: FileView): Path {
  const key = ['name', 'url'].find((each) => valueAt(view.value, [...path, each]) !== undefined)
  return key === undefined ? path : [...path, key]
}

function repeatedProxyNames({ proxies }: Draft): Finding[] {
  return proxies.flatMap((proxy, index) => {
    const earlier = proxies.findIndex((other) => other?.name === proxy?.name)
    // Two without a name on one address: that is the next check's to say.
    if (!proxy || earlier === index || (proxy.name === formatListen(proxy.listen) && proxy.listen.port !== 0)) return []
    return [{ path: ['proxies', index, 'name'], message: `proxies[${earlier}] has the same name`, hint: 'give one of them another "name"' }]
  })
}

interface Listener {
  readonly label: string
  readonly path: Path
  readonly listen: ListenAddress
}

function collidingListeners(draft: Draft): Finding[] {
  const listeners: Listener[] = [
    ...(draft.api ? [{ label: 'api', path: ['api', 'listen'], listen: draft.api.listen }] : []),
    ...ownPeer(draft),
    ...draft.proxies.flatMap((proxy, index) =>
      proxy ? [{ label: `proxies[${index}]`, path: ['proxies', index, 'listen'], listen: proxy.listen }] : [],
    ),
  ]
  return listeners.flatMap(({ path, listen }, index) => {
    const other = listeners.slice(0, index).find((earlier) => collide(earlier.listen, listen))
    return other ? [{ path, message: `${other.label} already listens on this address`, hint: 'choose another port' }] : []
  })
}

/** Where the peer channel of this node listens. */
function ownPeer({ node: own, nodes }: Draft): Listener[] {
  return nodes.flatMap(({ name, node }) =>
    node && name === own ? [{ label: `node ${name}`, path: ['cluster', 'nodes', name, 'peer'], listen: node.peer }] : [],
  )
}

function loops(draft: Draft): Finding[] {
  return draft.proxies.flatMap((proxy, proxyIndex) => {
    if (!proxy) return []
    const pools = poolsOf(proxy)
    return draft.pools.flatMap(({ name, pool }) =>
      (pools.includes(name) ? (pool?.targets ?? []) : []).flatMap((target, index) =>
        reaches(target, proxy.listen)
          ? [
              {
                path: ['pools', name, 'targets', index],
                message: `this is where proxies[${proxyIndex}] listens`,
                hint: 'the proxy would send its requests to itself',
              },
            ]
          : [],
      ),
    )
  })
}
