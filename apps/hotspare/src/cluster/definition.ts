import type { ServiceDefinition } from '@hotspare/failover'
import type { ServiceConfig } from '../config/config.ts'
import type { FencingConfig } from '../config/config-fencing.ts'

/** A service of the file, as the engine takes it. */
export function serviceDefinition(
  { name, members, onControlLoss, failback, maxFailoversPerHour, after, apartFrom = [], priority, fencing: mode }: ServiceConfig,
  fencing?: FencingConfig,
  all: readonly ServiceConfig[] = [],
): ServiceDefinition {
  // Who is kept apart from it keeps apart as well: either may be the one that is taken last.
  const apart = [...new Set([...apartFrom, ...all.flatMap((each) => (each.apartFrom?.includes(name) ? [each.name] : []))])]
  return {
    name,
    members,
    onControlLoss,
    failback: failback.type === 'manual' ? { type: 'manual' } : { type: 'after', holdMs: failback.afterMs },
    maxFailoversPerHour,
    ...(after === undefined ? {} : { after }),
    ...(apart.length === 0 ? {} : { apartFrom: apart }),
    ...(priority === undefined ? {} : { priority }),
    ...(mode === undefined ? {} : { fencing: { mode, startDelayMs: fencing?.startDelayMs ?? 0 } }),
  }
}
