import type { z } from 'zod'
import type { Draft } from './checks.ts'
import type { Reference } from './checks-names.ts'
import { limits } from './defaults.ts'
import type { Path } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import { apiSchema } from './schema.ts'
import { heartbeatSchema, nodeSchema } from './schema-cluster.ts'
import { arbiterSchema } from './schema-arbiter.ts'
import { poolSchema } from './schema-pools.ts'
import { proxySchema } from './schema-proxies.ts'
import { nameSchema } from './schema-scalars.ts'
import { serviceSchema } from './schema-services.ts'
import { nodeName } from './resolve.ts'

const LONGEST_LIST = Math.max(limits.proxies, limits.routes, limits.clusterNodes)

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
  return {
    node: written === undefined ? nodeName(hostname) : understood(nameSchema, written),
    purposes: ['pools', 'services', 'witness'].filter((key) => valueAt(file, [key]) !== undefined),
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
    pools: entries(valueAt(file, ['pools'])).map(([name, pool]) => ({ name, pool: understood(poolSchema, pool) })),
    proxies: list(valueAt(file, ['proxies'])).map((proxy) => understood(proxySchema, proxy)),
    channels: entries(valueAt(file, ['alerts', 'channels'])).map(([name]) => name),
    poolReferences: names(
      file,
      list(valueAt(file, ['proxies'])).map((_, index) => ['proxies', index, 'pool']),
    ),
    channelReferences: names(
      file,
      list(valueAt(file, ['alerts', 'routes'])).flatMap((route, index) =>
        list(valueAt(route, ['to'])).map((_, position) => ['alerts', 'routes', index, 'to', position]),
      ),
    ),
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
