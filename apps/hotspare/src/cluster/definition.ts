import type { ServiceDefinition } from '@hotspare/failover'
import type { ServiceConfig } from '../config/config.ts'

/** A service of the file, as the engine takes it. */
export function serviceDefinition({ name, members, onControlLoss, failback, maxFailoversPerHour }: ServiceConfig): ServiceDefinition {
  return {
    name,
    members,
    onControlLoss,
    failback: failback.type === 'manual' ? { type: 'manual' } : { type: 'after', holdMs: failback.afterMs },
    maxFailoversPerHour,
  }
}
