import type { EngineStatus } from '@hotspare/api'
import type { Clock, Logger, TargetState } from '@hotspare/core'
import type { Config } from '../config/config.ts'
import type { WorkerOrder } from '../process/messages.ts'
import { engineFor } from './engine-drivers.ts'
import { EngineKeeper } from './engine-keeper.ts'
import type { AppEngineEvent } from './events.ts'
import type { EngineGauges } from './metrics.ts'

/** The other proxies that carry requests, each kept at what its pool wants. */
export interface Engines {
  /** Hears what the worker is told, and is to hear all of it. */
  hear(order: WorkerOrder): void
  start(): void
  /** They stay as they are. */
  stop(): Promise<void>
  status(): readonly EngineStatus[]
  readonly gauges: EngineGauges
}

export function openEngines(
  config: Pick<Config, 'engines' | 'pools'>,
  surroundings: {
    readonly clock: Clock
    readonly logger: Logger
    readonly record: (event: AppEngineEvent) => void
    readonly states?: ReadonlyMap<string, TargetState> | undefined
  },
): Engines {
  const { clock, logger } = surroundings
  const keepers = config.engines.flatMap((engine) => {
    const pool = config.pools.find(({ name }) => name === engine.pool)
    return pool ? [new EngineKeeper({ ...surroundings, config: engine, pool, driver: engineFor(engine, { clock, logger }) })] : []
  })
  return {
    hear(order) {
      for (const keeper of keepers) keeper.hear(order)
    },
    start() {
      for (const keeper of keepers) keeper.start()
    },
    async stop() {
      await Promise.all(keepers.map((keeper) => keeper.stop()))
    },
    status: () => keepers.map(({ status }) => status),
    gauges: {
      engines: () =>
        keepers.map(({ status, syncs }) => ({ engine: status.name, pool: status.pool, isSynced: status.state === 'synced', ...syncs })),
      engineServers: () =>
        keepers.flatMap(({ status, stats }) => stats.map((server) => ({ engine: status.name, ...server, server: server.id }))),
    },
  }
}
