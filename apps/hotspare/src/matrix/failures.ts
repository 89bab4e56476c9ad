import type { ClusterConfig, Config } from '../config/config.ts'
import { type Failure, nodeFailureKinds } from './failure.ts'

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

/** Every single failure that concerns at least one service of the file, each once, in the order in which they are shown. */
export function failuresOf({ cluster, services }: Pick<Config, 'services'> & { readonly cluster: ClusterConfig }): readonly Failure[] {
  const members = cluster.nodes.map(({ name }) => name).filter((name) => services.some((service) => service.members.includes(name)))
  const hasArbiter = cluster.arbiter.type !== 'none'
  const ofNodes = members.flatMap((node): readonly Failure[] => [
    ...nodeFailureKinds.filter((kind) => exists(kind, cluster)).map((kind) => ({ kind, node })),
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
  return [...ofNodes, ...links, ...ofArbiter]
}

/** @returns undefined for a failure that cannot concern the service */
export function roleOf(
  failure: Failure,
  { name, members }: { readonly name: string; readonly members: readonly string[] },
): FailureRole | undefined {
  if ('nodes' in failure) return linkRole(failure.nodes, members)
  if ('from' in failure) return linkRole([failure.from, failure.to], members)
  if ('service' in failure && failure.service !== name) return undefined
  return 'node' in failure ? nodeRole(failure.node, members) : 'arbiter'
}

function exists(kind: (typeof nodeFailureKinds)[number], { arbiter, nodes }: ClusterConfig): boolean {
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
