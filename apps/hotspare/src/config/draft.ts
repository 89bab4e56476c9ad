import type { z } from 'zod'
import type { Draft, Reference } from './checks.ts'
import { limits } from './defaults.ts'
import type { Path } from './problem.ts'
import { valueAt } from './schema-guide.ts'
import { apiSchema } from './schema.ts'
import { poolSchema } from './schema-pools.ts'
import { proxySchema } from './schema-proxies.ts'

const LONGEST_LIST = Math.max(limits.proxies, limits.routes)

/**
 * Understands each part of a file by itself, so that one error in one pool does not hide that a proxy names a pool
 * that is not there: all problems are to be seen at once.
 */
export function draftOf(file: unknown): Draft {
  return {
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
