import { createHash } from 'node:crypto'
import { assertNever } from '@hotspare/core'
import { isCloud, sharedCloud } from './config-cloud.ts'
import type { ArbiterConfig, Config, ServiceConfig } from './config.ts'

/** What is hashed has this form; another one gets another number, and with it another fingerprint. */
const FORM = 1
const CHARACTERS = 32

/**
 * A short text that is the same on nodes whose files agree on what they have to agree on: nodes, heartbeats, where leases are
 * kept and for how long, and services. Nodes with different ones do not automate. What each node has for itself is not in it
 * (name, log, API, pools, proxies, alerts), nor is any secret or the way to the arbiter, which may differ from node to node.
 */
export function configFingerprint({ cluster, services }: Config): string {
  const shared = {
    form: FORM,
    nodes: cluster && byName(cluster.nodes.map(({ name, peer, paths, capacity }) => ({ name, peer, paths, capacity }))),
    heartbeat: cluster?.heartbeat,
    arbiter: cluster && sharedArbiter(cluster.arbiter),
    services: byName(services.map(sharedService)),
  }
  return createHash('sha256').update(canonicalJson(shared)).digest('hex').slice(0, CHARACTERS)
}

/** JSON with the keys of every object in one order; the order of a list stays, since it means something. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}

/** The order in which a file lists nodes and services means nothing. */
function byName<Each extends { readonly name: string }>(list: readonly Each[]): Record<string, Each> {
  return Object.fromEntries(list.map((each) => [each.name, each]))
}

/** Two prefixes, tables, data centres or buckets are two registers; a URL may differ and lead to the same one. */
function sharedArbiter(arbiter: ArbiterConfig): object {
  switch (arbiter.type) {
    case 'etcd':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs, prefix: arbiter.prefix }
    case 'postgres':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs, table: arbiter.table }
    case 'consul':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs, datacenter: arbiter.datacenter, prefix: arbiter.prefix }
    case 'kubernetes':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs, namespace: arbiter.namespace, prefix: arbiter.prefix }
    case 's3':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs, bucket: arbiter.bucket, prefix: arbiter.prefix }
    case 'witness':
      return { type: arbiter.type, ttlMs: arbiter.ttlMs }
    case 'none':
      return { type: arbiter.type }
    default:
      return assertNever(arbiter)
  }
}

/** Without secrets: values of headers and the like may be credentials. */
function sharedService(service: ServiceConfig): { readonly name: string; readonly check: object; readonly resources: readonly object[] } {
  const { check } = service
  return {
    ...service,
    resources: service.resources.map((resource) => (isCloud(resource) ? sharedCloud(resource) : withoutPaths(resource))),
    check: { ...withoutSecrets(check), ...('options' in check && check.options ? { options: withoutSecrets(check.options) } : {}) },
  }
}

/** Where the BIRD or the keepalived of a node is found there is its own affair, and so is what it shows a DNS provider. */
function withoutPaths(resource: object): object {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => !['socket', 'folder', 'pidFile', 'account'].includes(name)))
}

/** By the names that the packages give them. */
const SECRET_VALUES: ReadonlySet<string> = new Set(['headers', 'metadata', 'env'])

function withoutSecrets(options: object): object {
  const shared = Object.entries(options).flatMap(([name, value]: [string, unknown]): [string, unknown][] => {
    if (name === 'password') return []
    return SECRET_VALUES.has(name) ? [[name, namesIn(value)]] : [[name, value]]
  })
  return Object.fromEntries(shared)
}

function namesIn(values: unknown): object {
  return Object.fromEntries(Object.keys(Object(values)).map((name) => [name.toLowerCase(), '']))
}
