import { assertNever, type Clock, type Logger } from '@hotspare/core'
import { createHaproxy, type HaproxyServerStats, type TrafficEngine } from '@hotspare/proxy/haproxy'
import { createNginx } from '@hotspare/proxy/nginx'
import type { EngineConfig } from '../config/config.ts'

// Where the driver of an engine is chosen; those of control are in drivers.ts, those of the worker in worker-drivers.ts.

export interface EngineDriver {
  readonly engine: TrafficEngine
  /** What it counts for each server; undefined where it cannot say. */
  readonly stats: ((options: { readonly signal?: AbortSignal | undefined }) => Promise<readonly HaproxyServerStats[]>) | undefined
}

export function engineFor(config: EngineConfig, injected: { readonly clock: Clock; readonly logger: Logger }): EngineDriver {
  switch (config.type) {
    case 'haproxy': {
      const engine = createHaproxy({ ...config.options, ...injected })
      return {
        engine,
        async stats(options) {
          const answer = await engine.stats(options)
          return answer.ok ? answer.servers : []
        },
      }
    }
    case 'nginx':
      return { engine: createNginx({ ...config.options, ...injected }), stats: undefined }
    default:
      return assertNever(config)
  }
}
