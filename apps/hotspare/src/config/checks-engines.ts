import { isIP } from 'node:net'
import type { EngineConfig } from './config-engines.ts'
import type { Finding } from './problem.ts'
import type { ParsedPool } from './schema-pools.ts'

export interface DraftEngines {
  readonly pools: readonly { readonly name: string; readonly pool: ParsedPool | undefined }[]
  readonly engines: readonly (EngineConfig | undefined)[]
}

/** What engines must be to each other, and to their pools. */
export function engineContradictions({ engines, pools }: DraftEngines): Finding[] {
  return engines.flatMap((engine, index): Finding[] => {
    if (!engine) return []
    const path = ['engines', index]
    const earlier = engines.slice(0, index)
    const namesake = earlier.findIndex((other) => other?.name === engine.name)
    const rival = earlier.findIndex((other) => other !== undefined && placeOf(other) === placeOf(engine))
    const pool = pools.find(({ name }) => name === engine.pool)?.pool
    return [
      ...(rival === -1
        ? []
        : [
            {
              path,
              message: `engines[${rival}] keeps the same ${engine.type === 'nginx' ? 'file' : 'backend'}`,
              hint: 'one of them would undo what the other does',
            },
          ]),
      ...(namesake === -1 || rival !== -1
        ? []
        : [
            {
              path,
              message: `engines[${namesake}] has the same name`,
              hint: 'give one of them a "name" of its own; without one, it is that of the backend or upstream',
            },
          ]),
      ...(pool ? unnumbered(index, engine, pool) : []),
    ]
  })
}

/** What an engine does by itself or not at all, where no proxy of ours does it either. */
export function engineDoubts({ engines, pools }: DraftEngines, proxied: ReadonlySet<string>): Finding[] {
  return engines.flatMap((engine, index): Finding[] => {
    const pool = pools.find(({ name }) => name === engine?.pool)?.pool
    if (!engine || !pool || proxied.has(engine.pool)) return []
    const idle = (['sticky', 'queue', 'zones', 'slowStart'] as const).filter((key) => pool[key] !== undefined)
    if (idle.length === 0) return []
    const message = `${engine.type} does not follow ${idle.map((key) => `"${key}"`).join(', ')} of pool ${engine.pool}`
    return [{ path: ['engines', index, 'pool'], message, hint: `set up in ${engine.type} what you need of it` }]
  })
}

function placeOf({ type, options }: EngineConfig): string {
  return JSON.stringify(type === 'nginx' ? ['file', options.file] : [options.socket, options.host, options.port, options.backend])
}

/** HAProxy adds a server by its address alone. */
function unnumbered(index: number, engine: EngineConfig, pool: ParsedPool): Finding[] {
  if (engine.type !== 'haproxy' || engine.options.servers !== 'managed') return []
  const named = pool.targets.filter(({ host }) => isIP(host) === 0)
  if (named.length === 0) return []
  const message = `pool ${engine.pool} has targets with host names (${named.length}), and HAProxy adds a server by its IP address alone`
  return [
    {
      path: ['engines', index, 'servers'],
      message,
      hint: 'write addresses into the pool, or "existing" here and the servers into haproxy.cfg',
    },
  ]
}
