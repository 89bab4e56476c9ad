import { randomBytes } from 'node:crypto'
import type { ClusterConfig, Config, ServiceConfig, VipResourceConfig } from '../config/config.ts'
import { withoutPrefix } from '../cluster/resources/vip-terms.ts'

/** A node of the file as a machine of the rehearsal. */
export interface StagedNode {
  readonly name: string
  readonly addresses: readonly string[]
  readonly interfaces: readonly string[]
  /** Where its observer is. */
  readonly observer: string
}

/** What is rehearsed of a file, and what plays the rest. Data. */
export interface RehearsalPlan {
  readonly nodes: readonly StagedNode[]
  /** The one that is watched. */
  readonly service: StagedService
  /** All that take part. */
  readonly services: readonly StagedService[]
  /** Undefined: there is none. */
  readonly arbiter: { readonly address: string; readonly port: number; readonly ttlMs: number } | undefined
  /** Where the client is. */
  readonly client: string
  /** What of the file is played by something else or left out, as sentences. */
  readonly stagings: readonly string[]
}

export interface StagedService {
  readonly name: string
  readonly members: readonly string[]
  /** Its address that clients use. */
  readonly address: string
  /** Where its stand-in listens on each member. */
  readonly port: number
  readonly onControlLoss: ServiceConfig['onControlLoss']
}

const FIRST_PORT = 20_000
const WITNESS_PORT = 7_402
const CLIENT_HOST = 201
const ARBITER_HOST = 202
const FIRST_OBSERVER_HOST = 101

/** Why a file cannot be rehearsed, as a clause; undefined when it can. */
export function reasonNotToRehearse({ cluster, services }: Pick<Config, 'cluster' | 'services'>): string | undefined {
  if (!cluster) return 'it has no cluster'
  if (services.length === 0) return 'its cluster has no services'
  return services.some((service) => vipsOf(service).length > 0) ? undefined : 'none of its services has a resource of type vip'
}

/**
 * Decides what of a file is real in the rehearsal: nodes, their addresses and interfaces, heartbeat, leases, engine, virtual
 * addresses, with all their times. What is behind an API, in a data centre or of consequence to people is not.
 *
 * @param wanted the service that is watched; undefined: the first that can be
 * @returns undefined where it has no such service, or not as something that can be rehearsed
 */
export function planRehearsal(config: Pick<Config, 'cluster' | 'services'>, wanted?: string): RehearsalPlan | undefined {
  const { cluster } = config
  const services = config.services.flatMap((service, index) => stagedService(service, FIRST_PORT + index) ?? [])
  const service = wanted === undefined ? services[0] : services.find(({ name }) => name === wanted)
  if (!cluster || !service) return undefined
  const { arbiter } = cluster
  const family = familyOf(service.address)
  return {
    nodes: cluster.nodes.map(({ name, peer, paths }, index) => {
      const own = [...new Set([peer, ...paths].map(({ host }) => host))]
      // What has no address of a family answers nobody by it.
      const isReached = own.some((address) => familyOf(address) === family)
      return {
        name,
        addresses: isReached ? own : [...own, stageAddress(index + 1, family)],
        interfaces: interfacesOf(name, config.services),
        observer: stageAddress(FIRST_OBSERVER_HOST + index, family),
      }
    }),
    service,
    services,
    arbiter: arbiter.type === 'none' ? undefined : { ...arbiterPlace(cluster), ttlMs: arbiter.ttlMs },
    client: stageAddress(CLIENT_HOST, family),
    stagings: stagingsOf(config.services, services, arbiter.type),
  }
}

type Family = 4 | 6

function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4
}

/** Documentation addresses (RFC 5737, RFC 3849), which no real file has. */
function stageAddress(host: number, family: Family): string {
  return family === 4 ? `192.0.2.${host}` : `2001:db8::${host.toString(16)}`
}

function arbiterPlace({ nodes }: ClusterConfig): { readonly address: string; readonly port: number } {
  const isV4 = nodes.every(({ peer }) => familyOf(peer.host) === 4)
  return { address: stageAddress(ARBITER_HOST, isV4 ? 4 : 6), port: WITNESS_PORT }
}

function stagedService(service: ServiceConfig, port: number): StagedService | undefined {
  const [vip] = vipsOf(service)
  const { name, members, onControlLoss } = service
  return vip && { name, members, onControlLoss, port, address: withoutPrefix(vip.address) }
}

function vipsOf({ resources }: ServiceConfig): readonly VipResourceConfig[] {
  return resources.filter((resource): resource is VipResourceConfig => resource.type === 'vip')
}

function interfacesOf(node: string, services: readonly ServiceConfig[]): readonly string[] {
  const names = services.flatMap((service) => vipsOf(service).flatMap(({ interfaces }) => interfaces[node] ?? []))
  // Every machine has a loopback device already.
  const unique = [...new Set(names)].filter((name) => name !== 'lo')
  return unique.length > 0 ? unique : ['eth0']
}

function stagingsOf(all: readonly ServiceConfig[], staged: readonly StagedService[], arbiter: string): readonly string[] {
  const left = all.filter(({ name }) => !staged.some((each) => each.name === name)).map(({ name }) => name)
  const others = [...new Set(all.flatMap(({ resources }) => resources.map(({ type }) => type)))].filter((type) => type !== 'vip')
  const isFenced = all.some(({ fencing }) => fencing !== undefined)
  return [
    ...(arbiter === 'none' ? [] : [`a witness plays the arbiter (${arbiter}), with its ttl`]),
    'a small server plays each service, and a connection to it its check, as often and as strictly as the file says',
    ...(left.length > 0 ? [`left out, as they have no resource of type vip: ${left.join(', ')}`] : []),
    ...(others.length > 0 ? [`left out: resources of type ${others.join(', ')}`] : []),
    ...(isFenced ? ['left out: fencing'] : []),
    'left out: pools, proxies, engines, checks and alerts; nobody is told of anything',
  ]
}

/** What the parts of a rehearsal show each other. */
export interface RehearsalSecrets {
  readonly cluster: string
  readonly arbiter: string
}

export function makeSecrets(): RehearsalSecrets {
  return { cluster: makeSecret(), arbiter: makeSecret() }
}

function makeSecret(): string {
  return randomBytes(24).toString('base64url')
}
