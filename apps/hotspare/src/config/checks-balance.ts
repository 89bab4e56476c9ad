import { formatDuration } from '@hotspare/core'
import type { ParsedProxy } from './schema-proxies.ts'
import { shownName } from './checks-names.ts'
import { poolsOf } from './config-routes.ts'
import type { FileView } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import type { ParsedPool } from './schema-pools.ts'
import { suggestion } from './suggest.ts'

interface NamedPool {
  readonly name: string
  readonly pool: ParsedPool | undefined
}

export interface DraftBalance {
  readonly pools: readonly NamedPool[]
  readonly proxies: readonly (ParsedProxy | undefined)[]
}

/** What of a pool cannot be had together. */
export function balanceContradictions({ pools }: DraftBalance, view: FileView): Finding[] {
  return pools.flatMap(({ name, pool }) => {
    if (!pool) return []
    const path = ['pools', name]
    return [...zoneContradictions(path, pool, view), ...panicContradictions(path, pool), ...smallTable(path, pool)]
  })
}

function zoneContradictions(path: Path, { zones, targets }: ParsedPool, view: FileView): Finding[] {
  if (!zones) return []
  const known = Object.keys(zones)
  const used = new Set(targets.map(({ zone }) => zone))
  const strange = targets.flatMap(({ zone }, index): Finding[] => {
    const at = [...path, 'targets', index]
    if (zone === undefined)
      return [
        { path: at, message: 'it has no zone, and the pool divides its traffic over zones', hint: `write "zone": ${known.join(' or ')}` },
      ]
    if (Object.hasOwn(zones, zone)) return []
    const place = [...at, 'zone']
    const hint = view.reference(place) === undefined ? suggestion(zone, known, 'zones of the pool') : undefined
    return [{ path: place, message: `the pool has no zone ${shownName(place, zone, view)}`, hint }]
  })
  const empty = known
    .filter((zone) => !used.has(zone))
    .map((zone): Finding => ({
      path: [...path, 'zones', zone],
      at: 'key',
      message: 'no target is in this zone',
      hint: 'give a target this "zone", or take it out',
    }))
  return [...strange, ...empty]
}

function panicContradictions(path: Path, { panic, panicThreshold }: ParsedPool): Finding[] {
  if (panic || panicThreshold === 0) return []
  const hint = 'take one of them out: without panic no target that is down is tried'
  return [{ path: [...path, 'panicThreshold'], message: 'a threshold of panic, and "panic: false"', hint }]
}

/** A slot of the table belongs to one target. */
function smallTable(path: Path, { balance, targets }: ParsedPool): Finding[] {
  const size = balance.algorithm === 'maglev' ? balance.options.size : undefined
  if (size === undefined || size >= targets.length) return []
  const hint = 'write a prime a hundred times as large as their number, or leave it out'
  return [{ path: [...path, 'balance', 'size'], message: `${targets.length} targets do not fit into a table of ${size}`, hint }]
}

/** What of a pool does nothing, or not what it seems to. */
export function balanceDoubts({ pools, proxies }: DraftBalance): Finding[] {
  return [
    ...pools.flatMap(({ name, pool }) => {
      if (!pool) return []
      const path = ['pools', name]
      const before = proxies.flatMap((proxy, index) => (proxy && poolsOf(proxy).includes(name) ? [{ proxy, index }] : []))
      return [
        ...idleZones(path, pool),
        ...idleSlowStart(path, pool),
        ...idleQueue(path, pool),
        ...longQueue(path, pool, before),
        ...oneSource(path, pool, before),
        ...lostCookie(path, pool, before),
      ]
    }),
    ...sharedCookies(pools),
  ]
}

type ProxiesBefore = readonly { readonly proxy: ParsedProxy; readonly index: number }[]

function idleZones(path: Path, { zones, targets }: ParsedPool): Finding[] {
  if (zones) return []
  return targets.flatMap(({ zone }, index) =>
    zone === undefined
      ? []
      : [
          {
            path: [...path, 'targets', index, 'zone'],
            message: 'the pool has no "zones", so this does nothing',
            hint: 'give "zones" their weights',
          },
        ],
  )
}

/** A table of keys, and the order of a list, do not follow weights: there only tiers come back step by step. */
function idleSlowStart(path: Path, { slowStart, balance, targets }: ParsedPool): Finding[] {
  const ramps = !('key' in balance) && balance.algorithm !== 'first-available'
  if (!slowStart || ramps || new Set(targets.map(({ tier }) => tier)).size > 1) return []
  const message = `with ${balance.algorithm} only whole tiers start slowly, and this pool has one tier, so this does nothing`
  return [{ path: [...path, 'slowStart'], at: 'key', message, hint: 'take it out, or give spares a higher "tier"' }]
}

function idleQueue(path: Path, { queue, targets, panic }: ParsedPool): Finding[] {
  if (!queue || !panic || targets.some(({ limit }) => limit !== undefined)) return []
  const message = 'no target has a "limit", so requests hardly ever wait'
  return [{ path: [...path, 'queue'], at: 'key', message, hint: 'give targets a "limit", or take it out' }]
}

function longQueue(path: Path, { queue }: ParsedPool, before: ProxiesBefore): Finding[] {
  return before.flatMap(({ proxy, index }) => {
    const { firstByteMs } = proxy.timeouts
    if (!queue || queue.timeoutMs <= firstByteMs) return []
    const hint = `a request waits for ${formatDuration(firstByteMs)} at most`
    return [{ path: [...path, 'queue', 'timeout'], message: `longer than timeouts.firstByte of proxies[${index}]`, hint }]
  })
}

/** Behind another proxy, that one is the source of everything. */
function oneSource(path: Path, { balance }: ParsedPool, before: ProxiesBefore): Finding[] {
  const behind = before.find(({ proxy }) => proxy.forwarded === 'append')
  if (!('key' in balance) || balance.key.from !== 'source' || !behind) return []
  const message = `the key is the client's address, and proxies[${behind.index}] stands behind another proxy ("forwarded: append")`
  const hint = 'all requests have the address of that one: write "key: { from: header, name: x-forwarded-for }", or another key'
  return [{ path: [...path, 'balance'], message, hint }]
}

/** Where nothing stands in front, clients come over plain HTTP. */
function lostCookie(path: Path, { sticky }: ParsedPool, before: ProxiesBefore): Finding[] {
  const open = before.find(({ proxy }) => proxy.forwarded === 'replace')
  if (!sticky?.secure || !open) return []
  const message = `proxies[${open.index}] speaks plain HTTP, over which browsers keep no cookie that is "secure"`
  const hint = 'write "secure: false", or "forwarded: append" for the proxy if TLS ends in front of it'
  return [{ path: [...path, 'sticky'], at: 'key', message, hint }]
}

/** Browsers tell hosts apart, and no ports. */
function sharedCookies(pools: readonly NamedPool[]): Finding[] {
  return pools.flatMap(({ name, pool }, index) => {
    const earlier = pools.slice(0, index).find((other) => pool?.sticky && other.pool?.sticky?.cookie === pool.sticky.cookie)
    if (!earlier) return []
    const hint = 'where browsers reach both at one host, each takes the other\'s place: give one of them another "cookie"'
    return [{ path: ['pools', name, 'sticky'], at: 'key', message: `pool ${earlier.name} has a cookie of the same name`, hint }]
  })
}
