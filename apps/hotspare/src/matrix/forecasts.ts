import type { ClusterConfig, Config, ServiceConfig } from '../config/config.ts'
import type { Failure } from './failure.ts'
import { type FailureRole, failuresOf, roleOf } from './failures.ts'
import type { Forecast, Outlook } from './forecast.ts'
import { type ActiveCase, activeOutlook } from './outlook-active.ts'
import { arbiterOutlook, linkOutlook, standbyOutlook } from './outlook-others.ts'
import { heirsOf } from './heirs.ts'
import { boundsOf } from './service-bounds.ts'
import { timesOf } from './times.ts'

/** What each single failure does to each service of a file, by the file alone: service after service, in the file's order. */
export function forecastsOf(config: Pick<Config, 'services'>, cluster: ClusterConfig): readonly Forecast[] {
  const failures = failuresOf({ cluster, services: config.services })
  return config.services.flatMap((service) => {
    const times = timesOf(service, cluster)
    const about: ActiveCase = {
      service,
      hasArbiter: cluster.arbiter.type !== 'none',
      heirs: heirsOf(service.members, times),
      bounds: boundsOf(times, service.onControlLoss),
    }
    return failures.flatMap((failure) => {
      const role = roleOf(failure, service)
      return role === undefined ? [] : [forecast(service, failure, role, about)]
    })
  })
}

function forecast({ name }: ServiceConfig, failure: Failure, role: FailureRole, about: ActiveCase): Forecast {
  return { service: name, failure, role, ...outlook(failure, role, about) }
}

function outlook(failure: Failure, role: FailureRole, about: ActiveCase): Outlook {
  if ('nodes' in failure || 'from' in failure) return linkOutlook(failure, role, about)
  if (!('node' in failure)) return arbiterOutlook(failure.kind, about)
  return role === 'active' ? activeOutlook(failure.kind, about) : standbyOutlook(failure.kind, failure.node, about)
}
