import type { Clock, Logger } from '@hotspare/core'
import type { PeersPort } from '@hotspare/failover'
import { createWatchdog, type Watchdog } from '@hotspare/fence/watchdog'
import type { Config } from '../../config/config.ts'
import { fenceLevelsOf } from './devices.ts'
import { FenceDesk, type FenceDeskOptions } from './desk.ts'
import { watchdogTimes } from './watchdog-times.ts'

export interface FenceSurroundings extends Pick<FenceDeskOptions, 'clock' | 'changed' | 'record'> {
  readonly peers: Pick<PeersPort, 'verdict'>
}

/** What switches other nodes off; undefined where no service asks for it. */
export function fenceDesk(config: Config, { peers, ...rest }: FenceSurroundings): FenceDesk | undefined {
  const { cluster, fencing, node, services } = config
  if (!cluster || services.every((service) => service.fencing === undefined)) return undefined
  const others = cluster.nodes.filter(({ name }) => name !== node)
  const { intervalMs, detector } = cluster.heartbeat
  return new FenceDesk({
    nodes: new Map(others.map(({ name }) => [name, fenceLevelsOf(fencing, name, rest.clock)])),
    folder: cluster.state,
    alive: (name) => peers.verdict(name),
    heardMs: detector.timeoutMs + 2 * intervalMs,
    ...rest,
  })
}

/** The watchdog of this machine; undefined where the file has none. */
export function watchdogOf(
  { watchdog }: Config,
  surroundings: { readonly until: () => number; readonly clock: Clock; readonly logger: Logger },
): Watchdog | undefined {
  return watchdog && createWatchdog({ path: watchdog.path, mode: watchdog.mode, ...watchdogTimes(watchdog), ...surroundings })
}
