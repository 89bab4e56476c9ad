import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../config/config.ts'
import { changedKeys, changesBetween } from './config-changes.ts'
import { isSame, planPorts, type PortPlan } from './port-plan.ts'

/** What a reload has to do. */
export type ReloadPlan =
  /** The file says what it said before, and nobody wants anything replaced. */
  | { readonly type: 'nothing' }
  /** Only a restart of the guard could follow these keys, so nothing of the file is followed. */
  | { readonly type: 'refused'; readonly keys: readonly string[] }
  | ReplacementPlan

export interface ReplacementPlan {
  readonly type: 'replace'
  /** What has changed, in clauses for people; empty where nothing has. */
  readonly changes: readonly string[]
  /** Whether the worker is replaced: it keeps what it has learnt of targets and sessions where nothing concerns it. Control always is. */
  readonly worker: boolean
  readonly ports: PortPlan
  /** Whether the API listens elsewhere. */
  readonly apiMoves: boolean
  /** The targets that are the same as before: what is known of them holds on. */
  readonly sameTargets: ReadonlySet<string>
}

/**
 * Decides what a reload has to do. All of the file is followed or nothing is: what the guard itself runs for other nodes begins
 * with the guard, so a file that differs there is refused as a whole. With it the fingerprint of a node is always that of the
 * file that it runs.
 *
 * @param options.restart replaces the processes although nothing has changed: their code may have
 */
export function planReload(before: Config, after: Config, options: { readonly restart: boolean }): ReloadPlan {
  const keys = guardKeys(before, after)
  if (keys.length > 0) return { type: 'refused', keys }
  const changes = changesBetween(before, after)
  if (changes.length === 0 && !options.restart) return { type: 'nothing' }
  return {
    type: 'replace',
    changes,
    worker: options.restart || WORKER_KEYS.some((key) => !isDeepStrictEqual(before[key], after[key])),
    ports: planPorts(before.proxies, after.proxies),
    apiMoves: !isSame(before.api.listen, after.api.listen),
    sameTargets: sameTargets(before, after),
  }
}

/** What a worker runs on. */
const WORKER_KEYS = ['pools', 'proxies', 'dns'] as const

/** Keys that only the guard could follow, and does not: the name of the node, the cluster, services, fencing, whether nodes vote. */
function guardKeys(before: Config, after: Config): readonly string[] {
  return [
    ...(before.node === after.node ? [] : ['node']),
    ...clusterKeys(before.cluster, after.cluster),
    ...namedKeys('services', before.services, after.services),
    // Whom to switch off by what, and what resets this machine: followed by control alone, the guard would use the old ones.
    ...blockKeys('fencing', before.fencing, after.fencing),
    ...blockKeys('watchdog', before.watchdog, after.watchdog),
    // How many votes it takes is control's matter; that they are exchanged at all is the guard's.
    ...((before.health.quorum === undefined) === (after.health.quorum === undefined) ? [] : ['health.quorum']),
  ]
}

function clusterKeys(before: Config['cluster'], after: Config['cluster']): readonly string[] {
  if (!before || !after) return before === after ? [] : ['cluster']
  return changedKeys(before, after).flatMap((key) => {
    if (key === 'nodes') return namedKeys('cluster.nodes', before.nodes, after.nodes)
    // The file may spell it `secret`, too.
    return [`cluster.${key}`]
  })
}

function blockKeys(block: string, before: object | undefined, after: object | undefined): readonly string[] {
  if (!before || !after) return before === after ? [] : [block]
  return changedKeys(before, after).map((key) => `${block}.${key}`)
}

function namedKeys(
  list: string,
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): readonly string[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))]
  const keys = names.flatMap((name) => {
    const [one, other] = [before, after].map((each) => each.find((entry) => entry.name === name))
    if (!one || !other) return [`${list}.${name}`]
    return changedKeys(one, other).map((key) => `${list}.${name}.${key}`)
  })
  // All the same, and in another order.
  return keys.length === 0 && !isDeepStrictEqual(before, after) ? [list] : keys
}

/** One that has another address is another one, whatever it is called. */
function sameTargets(before: Config, after: Config): ReadonlySet<string> {
  const urls = new Map(before.pools.flatMap(({ targets }) => targets.map(({ id, url }) => [id, url])))
  return new Set(after.pools.flatMap(({ targets }) => targets.filter(({ id, url }) => urls.get(id) === url).map(({ id }) => id)))
}
