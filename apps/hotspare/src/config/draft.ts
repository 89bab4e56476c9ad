import type { z } from 'zod'
import type { Draft } from './checks.ts'
import type { DraftLeaning } from './checks-dependencies.ts'
import type { Reference } from './checks-names.ts'
import { limits } from './defaults.ts'
import type { Path } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import { apiSchema } from './schema.ts'
import { checkSchema } from './schema-checks.ts'
import { heartbeatSchema, nodeSchema } from './schema-cluster.ts'
import { dnsSchema } from './schema-dns.ts'
import { engineSchema } from './schema-engines.ts'
import { arbiterSchema } from './schema-arbiter.ts'
import { poolSchema } from './schema-pools.ts'
import { proxySchema } from './schema-proxies.ts'
import { nameSchema } from './schema-scalars.ts'
import { serviceSchema } from './schema-services.ts'
import { leansOnSchema } from './schema-watch.ts'
import { nodeName } from './resolve.ts'

const LONGEST_LIST = Math.max(limits.proxies, limits.engines, limits.routes, limits.proxyRoutes, limits.clusterNodes)

/**
 * Understands each part of a file by itself, so that one error in one pool does not hide that a proxy names a pool
 * that is not there: all problems are to be seen at once.
 *
 * @param hostname what the machine calls itself
 */
export function draftOf(file: unknown, hostname: string): Draft {
  const written = valueAt(file, ['node'])
  const nodes = entries(valueAt(file, ['cluster', 'nodes'])).slice(0, limits.clusterNodes)
  const services = entries(valueAt(file, ['services'])).slice(0, limits.services)
  const pools = entries(valueAt(file, ['pools'])).map(([name, pool]) => ({ name, pool: understood(poolSchema, pool) }))
  const checks = entries(valueAt(file, ['checks'])).slice(0, limits.checks)
  return {
    node: written === undefined ? nodeName(hostname) : understood(nameSchema, written),
    purposes: ['pools', 'proxies', 'checks', 'services', 'dns', 'witness'].filter((key) => valueAt(file, [key]) !== undefined),
    hasCluster: valueAt(file, ['cluster']) !== undefined,
    nodes: nodes.map(([name, node]) => ({ name, node: understood(nodeSchema, node) })),
    heartbeat: understood(heartbeatSchema, valueAt(file, ['cluster', 'heartbeat']) ?? {}),
    arbiter: understood(arbiterSchema, valueAt(file, ['cluster', 'arbiter'])),
    services: services.map(([name, service]) => ({
      name,
      service: understood(serviceSchema, service),
      memberReferences: names(
        file,
        list(valueAt(service, ['members'])).map((_, index) => ['services', name, 'members', index]),
      ),
    })),
    api: understood(apiSchema, valueAt(file, ['api']) ?? {}),
    pools,
    checks: checks.map(([name, check]) => ({ name, check: understood(checkSchema, check) })),
    leaning: [
      ...pools.map(({ name }) => leaning(file, 'pool', name, ['pools', name, 'health', 'dependsOn'])),
      ...checks.map(([name]) => leaning(file, 'check', name, ['checks', name, 'dependsOn'])),
      ...services.map(([name]) => leaning(file, 'service', name, ['services', name, 'check', 'dependsOn'])),
    ],
    checkNames: checks.map(([name]) => name),
    targetNames: new Map(pools.map(({ name, pool }) => [name, pool?.targets.map((target) => target.name)])),
    hasQuorum: valueAt(file, ['health', 'quorum']) !== undefined,
    proxies: list(valueAt(file, ['proxies'])).map((proxy) => understood(proxySchema, proxy)),
    engines: list(valueAt(file, ['engines'])).map((engine) => understood(engineSchema, engine)),
    dns: understood(dnsSchema, valueAt(file, ['dns']) ?? {}),
    dnsProviders: entries(valueAt(file, ['dns', 'providers'])).map(([name]) => name),
    dnsReferences: names(file, recordProviders(file)),
    followingReferences: names(file, resourceProviders(file)),
    channels: entries(valueAt(file, ['alerts', 'channels'])).map(([name]) => name),
    poolReferences: names(file, [
      ...['proxies', 'engines'].flatMap((key) => list(valueAt(file, [key])).map((_, index) => [key, index, 'pool'])),
      ...list(valueAt(file, ['proxies'])).flatMap((proxy, index) =>
        list(valueAt(proxy, ['routes'])).map((_, route) => ['proxies', index, 'routes', route, 'pool']),
      ),
      ...list(valueAt(file, ['dns', 'records'])).map((_, index) => ['dns', 'records', index, 'answers']),
      ...list(valueAt(file, ['proxies'])).flatMap((proxy, index) =>
        list(valueAt(proxy, ['serverNames'])).map((_, place) => ['proxies', index, 'serverNames', place, 'pool']),
      ),
    ]),
    channelReferences: names(
      file,
      list(valueAt(file, ['alerts', 'routes'])).flatMap((route, index) =>
        list(valueAt(route, ['to'])).map((_, position) => ['alerts', 'routes', index, 'to', position]),
      ),
    ),
  }
}

/** One, or a list of them. */
function recordProviders(file: unknown): Path[] {
  return list(valueAt(file, ['dns', 'records'])).flatMap((record, index) => {
    const path = ['dns', 'records', index, 'provider']
    const written = valueAt(record, ['provider'])
    return Array.isArray(written) ? list(written).map((_, place) => [...path, place]) : [path]
  })
}

function resourceProviders(file: unknown): Path[] {
  return entries(valueAt(file, ['services'])).flatMap(([name, service]) =>
    list(valueAt(service, ['resources'])).flatMap((resource, index) =>
      valueAt(resource, ['type']) === 'dns' ? [['services', name, 'resources', index, 'provider']] : [],
    ),
  )
}

/** A list, or `{ on, need }`. */
function leaning(file: unknown, kind: DraftLeaning['owner']['kind'], name: string, path: Path): DraftLeaning {
  const written = valueAt(file, path)
  const listPath = Array.isArray(written) ? path : [...path, 'on']
  return {
    owner: { kind, name },
    references: names(
      file,
      list(valueAt(file, listPath)).map((_, index) => [...listPath, index]),
      // What cannot be a name is told already.
    ).filter((each) => understood(leansOnSchema, each.name) !== undefined),
    needPath: [...path, 'need'],
    need: valueAt(written, ['need']),
  }
}

function understood<Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined {
  return schema.safeParse(value).data
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/** A list that is longer than any may be is an error already: no need to compare each of its entries with every other. */
function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, LONGEST_LIST) : []
}

function names(file: unknown, paths: readonly Path[]): Reference[] {
  return paths.flatMap((path) => {
    const name = valueAt(file, path)
    return typeof name === 'string' ? [{ path, name }] : []
  })
}
