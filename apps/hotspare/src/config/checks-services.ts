import { announcedContradictions } from './checks-announced.ts'
import { cloudContradictions } from './checks-cloud.ts'
import { followingContradictions } from './checks-following.ts'
import type { DraftCluster, DraftService } from './checks-cluster.ts'
import { unknownNames } from './checks-names.ts'
import { orderContradictions } from './checks-order.ts'
import { weightDoubts } from './checks-weights.ts'
import { isOnInterface } from './config-cluster.ts'
import type { ServiceCheckConfig } from './config.ts'
import type { FileView } from './issues.ts'
import { type Finding, type Path, quote } from './problem.ts'
import type { ParsedResource } from './schema-services.ts'
import { suggestion } from './suggest.ts'

export function serviceContradictions(draft: DraftCluster, view: FileView): Finding[] {
  const nodes = draft.nodes.map(({ name }) => name)
  return [
    ...draft.services.flatMap((each) => [
      ...(nodes.length === 0 ? [] : unknownNames('node', each.memberReferences, nodes, view)),
      ...repeatedMembers(each),
      ...releaseWithoutArbiter(each, draft),
      ...interfaceContradictions(each, view),
    ]),
    ...orderContradictions(draft, view),
    ...addressContradictions(draft),
    ...announcedContradictions(draft.services),
    ...cloudContradictions(draft.services, view),
    ...followingContradictions(draft.services, view),
  ]
}

export function serviceDoubts(draft: DraftCluster): Finding[] {
  const { services } = draft
  const moving = new Set(
    services.flatMap(({ service }) => (service?.resources ?? []).flatMap((each) => (isOnInterface(each) ? [each.address.ip] : []))),
  )
  const doubts = services.flatMap(({ name, service }) => [
    ...(service && moving.has(hostOf(service.check))
      ? [
          {
            path: ['services', name, 'check', 'url' in service.check ? 'url' : 'address'],
            message: 'this address moves',
            hint: 'a standby would look at the active member and not at itself',
          },
        ]
      : []),
    ...(service?.onControlLoss === 'keep' && (service.check.type === 'exec' || service.check.type === 'system')
      ? [
          {
            path: ['services', name, 'check', 'type'],
            message: 'this check looks at nothing but its own machine',
            hint: 'with it no standby can see whether the address still answers',
          },
        ]
      : []),
    ...(service?.members.length === 1
      ? [{ path: ['services', name, 'members'], message: 'there is one member', hint: 'nobody can take over from it' }]
      : []),
    ...(service && service.check.timeoutMs > service.check.intervalMs
      ? [
          {
            path: ['services', name, 'check', 'timeout'],
            message: 'longer than the interval',
            hint: 'a service that hangs is then checked less often',
          },
        ]
      : []),
  ])
  return [...doubts, ...weightDoubts(draft)]
}

/** Without brackets; empty for what has no address. */
function hostOf(check: ServiceCheckConfig): string {
  if ('url' in check) return URL.parse(check.url)?.hostname.replace(/^\[|\]$/g, '') ?? ''
  // An HTTP check has a `host` too: that of the header. It has a URL.
  return 'host' in check ? check.host : ''
}

function repeatedMembers({ memberReferences }: DraftService): Finding[] {
  return memberReferences.flatMap(({ path, name }, index) => {
    const earlier = memberReferences.findIndex((other) => other.name === name)
    return earlier === index ? [] : [{ path, message: 'this member is there twice', hint: 'each node stands in the order once' }]
  })
}

function releaseWithoutArbiter({ name, service }: DraftService, { arbiter }: DraftCluster): Finding[] {
  if (arbiter?.type !== 'none' || service?.onControlLoss !== 'release') return []
  const hint =
    'its promise is one holder at most, and without an arbiter two nodes that cannot see each other both hold the address; name an arbiter, or write keep'
  return [{ path: ['services', name, 'onControlLoss'], message: '"release" cannot be kept with "arbiter: { type: none }"', hint }]
}

/** A map of interfaces has one for each member, and none for anybody else. */
function interfaceContradictions({ name, service }: DraftService, view: FileView): Finding[] {
  const members = service?.members ?? []
  return (service?.resources ?? []).flatMap((resource, index) => {
    if (!isOnInterface(resource)) return []
    const given = resource.interface
    if (typeof given === 'string') return []
    const path = [...resourcePath(name, index), 'interface']
    const missing = members.filter((member) => !Object.hasOwn(given, member))
    const strange = Object.keys(given).filter((key) => !members.includes(key))
    const known = members.filter((_, at) => view.reference(['services', name, 'members', at]) === undefined)
    return [
      ...(missing.length === 0 ? [] : [{ path, message: 'the interface of a member is missing', hint: missingHint(missing, known) }]),
      ...strange.map((key) => ({
        path,
        at: { keyInside: key },
        message: `${quote(key)} is no member of this service`,
        hint: suggestion(key, known, 'its members'),
      })),
    ]
  })
}

/** Names that came from outside are not repeated. */
function missingHint(missing: readonly string[], known: readonly string[]): string | undefined {
  const named = missing.filter((each) => known.includes(each))
  return named.length === 0 ? undefined : `write it for ${named.join(', ')}`
}

interface PlacedResource {
  readonly service: string
  readonly path: Path
  readonly resource: ParsedResource
}

/** An address that moves belongs to one service, and to no node. */
function addressContradictions({ nodes, services }: DraftCluster): Finding[] {
  const first = new Map<string, PlacedResource>()
  const owners = new Map(
    nodes.flatMap(({ name, node }) => (node ? [node.peer, ...node.paths].map(({ host }) => [host, name] as const) : [])),
  )
  return services.flatMap(({ name, service }) =>
    (service?.resources ?? []).flatMap((resource, index) => {
      if (!isOnInterface(resource)) return []
      const { ip } = resource.address
      const place = { service: name, path: [...resourcePath(name, index), 'address'], resource }
      const earlier = first.get(ip)
      const owner = owners.get(ip)
      if (!earlier) first.set(ip, place)
      return [
        ...(earlier ? [{ path: place.path, message: repeated(earlier.service, name), hint: 'an address follows one service' }] : []),
        ...(owner === undefined
          ? []
          : [
              {
                path: place.path,
                message: `this is an address of the node ${owner} itself`,
                hint: 'one that moves would cut it off from its peers',
              },
            ]),
      ]
    }),
  )
}

function repeated(earlier: string, name: string): string {
  return earlier === name ? 'this service already has the address' : `the service ${earlier} already has this address`
}

function resourcePath(service: string, index: number): Path {
  return ['services', service, 'resources', index]
}
