import { isCloud } from '../config/config-cloud.ts'
import type { ServiceConfig } from '../config/config.ts'
import type { ClusterFile } from './cluster-file.ts'
import { type Failure, type NodeFailureKind, nodeFailureKinds } from './failure.ts'
import { providerOf } from './resource-times.ts'

/** How a failure meets a service whose first member is active. */
export type FailureRole =
  /** It hits the active member. */
  | 'active'
  /** It hits a member that stands by. */
  | 'standby'
  /** It hits the way between the active member and another one. */
  | 'active-link'
  /** It hits the way between two members that stand by. */
  | 'standby-link'
  | 'arbiter'
  /** It hits whoever moves its address. */
  | 'provider'

/** Every single failure that concerns at least one service of the file, each once, in the order in which they are shown. */
export function failuresOf(file: ClusterFile): readonly Failure[] {
  const { cluster, services } = file
  const members = cluster.nodes.map(({ name }) => name).filter((name) => services.some((service) => service.members.includes(name)))
  const hasArbiter = cluster.arbiter.type !== 'none'
  const ofNodes = members.flatMap((node): readonly Failure[] => [
    ...nodeFailureKinds.filter((kind) => exists(kind, node, file)).map((kind) => ({ kind, node })),
    ...services
      .filter((service) => service.members.includes(node))
      .map(({ name }) => ({ kind: 'service-dead' as const, node, service: name })),
  ])
  const pairs = members.flatMap((one, index) => members.slice(index + 1).map((other): [string, string] => [one, other]))
  const links = pairs
    .filter((pair) => services.some((service) => pair.every((node) => service.members.includes(node))))
    .flatMap(([one, other]): readonly Failure[] => [
      { kind: 'link-cut', nodes: [one, other] },
      { kind: 'one-way-cut', from: one, to: other },
      { kind: 'one-way-cut', from: other, to: one },
    ])
  const ofArbiter: readonly Failure[] = hasArbiter ? [{ kind: 'arbiter-dead' }, { kind: 'arbiter-slow' }] : []
  const providers = [...new Set(services.flatMap(providersOf))]
  const ofProviders = providers.flatMap((provider): readonly Failure[] => [
    { kind: 'provider-down', provider },
    { kind: 'provider-slow', provider },
  ])
  return [...ofNodes, ...links, ...ofArbiter, ...ofProviders]
}

/** Who moves addresses of a service, each once. */
export function providersOf({ resources }: Pick<ServiceConfig, 'resources'>): readonly string[] {
  return [...new Set(resources.flatMap((each) => (isCloud(each) ? [providerOf(each.type)] : [])))]
}

export interface FailureSubject {
  readonly name: string
  readonly members: readonly string[]
  /** Services that it goes with: their death takes it along. Default: none */
  readonly leaders?: readonly string[] | undefined
  /** Who moves its addresses. Default: nobody does */
  readonly providers?: readonly string[] | undefined
}

/** @returns undefined for a failure that cannot concern the service */
export function roleOf(failure: Failure, { name, members, leaders = [], providers = [] }: FailureSubject): FailureRole | undefined {
  if ('nodes' in failure) return linkRole(failure.nodes, members)
  if ('from' in failure) return linkRole([failure.from, failure.to], members)
  if ('service' in failure && failure.service !== name && !leaders.includes(failure.service)) return undefined
  if ('provider' in failure) return providers.includes(failure.provider) ? 'provider' : undefined
  return 'node' in failure ? nodeRole(failure.node, members) : 'arbiter'
}

function exists(kind: NodeFailureKind, node: string, { cluster, fencing, services }: ClusterFile): boolean {
  const { arbiter, nodes } = cluster
  if (kind === 'fence-dead' || kind === 'power-and-fence') {
    const isFenced = services.some((service) => service.fencing !== undefined && service.members.includes(node))
    return isFenced && Object.hasOwn(fencing?.nodes ?? {}, node)
  }
  if (arbiter.type !== 'none') return true
  // With two nodes and no arbiter, the link between the two is all that there is to cut.
  return kind !== 'arbiter-cut' && (kind !== 'peers-cut' || nodes.length > 2)
}

function nodeRole(node: string, members: readonly string[]): FailureRole | undefined {
  if (!members.includes(node)) return undefined
  return node === members[0] ? 'active' : 'standby'
}

function linkRole(nodes: readonly [string, string], members: readonly string[]): FailureRole | undefined {
  if (!nodes.every((node) => members.includes(node))) return undefined
  return nodes.some((node) => node === members[0]) ? 'active-link' : 'standby-link'
}
