import { type ServiceCase, casesOf, inCompany } from './cases.ts'
import type { ClusterFile } from './cluster-file.ts'
import type { Failure } from './failure.ts'
import { type FailureRole, failuresOf, providersOf, roleOf } from './failures.ts'
import type { Forecast, Outlook } from './forecast.ts'
import { activeOutlook } from './outlook-active.ts'
import { besideFenced, followedOutlook } from './outlook-company.ts'
import { arbiterOutlook, linkOutlook, providerOutlook, standbyOutlook } from './outlook-others.ts'

/**
 * What each single failure does to each service of a file, by the file alone: service after service, in the file's order.
 *
 * @param simulated devices and providers take what they take as a rule, and not all that they may
 */
export function forecastsOf(file: ClusterFile, simulated = false): readonly Forecast[] {
  const ordered = inCompany(file)
  const failures = failuresOf(ordered)
  return casesOf(ordered, simulated).flatMap((about) => {
    const { service, leaders } = about
    const { name, members } = service
    return failures.flatMap((failure) => {
      const role = roleOf(failure, { name, members, leaders, providers: providersOf(service) })
      return role === undefined ? [] : [{ service: name, failure, role, ...outlook(failure, role, about) }]
    })
  })
}

function outlook(failure: Failure, role: FailureRole, about: ServiceCase): Outlook {
  if ('nodes' in failure || 'from' in failure) return linkOutlook(failure, role, about)
  if ('provider' in failure) return providerOutlook(failure, about)
  if (!('node' in failure)) return arbiterOutlook(failure.kind, about)
  if ('service' in failure && failure.service !== about.service.name) return followedOutlook(failure, role, about)
  return role === 'active'
    ? besideFenced(failure.kind, about, activeOutlook(failure.kind, about))
    : standbyOutlook(failure.kind, failure.node, about)
}
