import type { DraftService } from './checks-cluster.ts'
import { type Finding, type Path, quote } from './problem.ts'

/** What cannot be of addresses that others announce: BIRD, keepalived. */
export function announcedContradictions(services: readonly DraftService[]): Finding[] {
  return [
    ...services.flatMap((each) => [...unpromised(each), ...tooFewSessions(each)]),
    ...sharedRouterIds(services),
    ...twoPidFiles(services),
  ]
}

/** Nothing takes an address away from a keepalived that outlives Hotspare. */
function unpromised({ name, service }: DraftService): Finding[] {
  if (service?.onControlLoss !== 'release') return []
  return service.resources.flatMap((resource, index) =>
    resource.type === 'keepalived'
      ? [
          {
            path: [...resourcePath(name, index), 'type'],
            message: '"release" cannot be kept with keepalived',
            hint: 'when Hotspare is dead on a node, nothing takes the address away from keepalived there; use "type: vip", or write keep',
          },
        ]
      : [],
  )
}

function tooFewSessions({ name, service }: DraftService): Finding[] {
  return (service?.resources ?? []).flatMap((resource, index) => {
    if (resource.type !== 'bgp' || resource.sessions === undefined) return []
    const { sessions, minEstablished } = resource
    const path = resourcePath(name, index)
    const again = sessions.findIndex((each, at) => sessions.indexOf(each) !== at)
    return [
      ...(again === -1 ? [] : [{ path: [...path, 'sessions', again], message: 'this session is there twice' }]),
      ...(minEstablished <= sessions.length
        ? []
        : [
            {
              path: [...path, 'minEstablished'],
              message: `there are ${sessions.length} sessions, and ${minEstablished} of them cannot be established`,
            },
          ]),
    ]
  })
}

interface Placed {
  readonly path: Path
  readonly routerId: number
  readonly pidFile: string
  readonly folder: string
  readonly interface: string
}

/** Two of one number on one network take each other for the same. */
function sharedRouterIds(services: readonly DraftService[]): Finding[] {
  const all = placed(services)
  return all.flatMap(({ path, routerId, interface: link }, index) => {
    const earlier = all.slice(0, index).some((other) => other.routerId === routerId && other.interface === link)
    return earlier
      ? [
          {
            path: [...path, 'routerId'],
            message: `another address has the number ${routerId} on this interface`,
            hint: 'one number, one address',
          },
        ]
      : []
  })
}

function twoPidFiles(services: readonly DraftService[]): Finding[] {
  const all = placed(services)
  return all.flatMap(({ path, folder, pidFile }, index) => {
    const earlier = all.slice(0, index).find((other) => other.folder === folder && other.pidFile !== pidFile)
    return earlier
      ? [{ path: [...path, 'pidFile'], message: `the folder ${quote(folder)} belongs to another keepalived`, hint: 'one folder for each' }]
      : []
  })
}

function placed(services: readonly DraftService[]): readonly Placed[] {
  return services.flatMap(({ name, service }) =>
    (service?.resources ?? []).flatMap((resource, index) => {
      if (resource.type !== 'keepalived') return []
      const { routerId, pidFile, folder } = resource
      return [{ path: resourcePath(name, index), routerId, pidFile, folder, interface: JSON.stringify(resource.interface) }]
    }),
  )
}

function resourcePath(service: string, index: number): Path {
  return ['services', service, 'resources', index]
}
