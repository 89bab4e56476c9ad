import type { CloudResourceConfig } from './config-cloud.ts'
import type { DnsResourceConfig } from './config-dns.ts'
import type { HeartbeatPromise } from '@hotspare/heartbeat'
import type { S3Credentials } from '@hotspare/lease/s3'
import type { ListenAddress } from './config.ts'
import type { FencingMode } from './config-fencing.ts'
import type { BgpResourceConfig, KeepalivedResourceConfig } from './config-announced.ts'
import type { ServiceCheckConfig } from './config-health.ts'

/** The nodes that act together, and what tells them who may act. */
export interface ClusterConfig {
  /** At least two, in the order of the file; this node is one of them. */
  readonly nodes: readonly NodeConfig[]
  /** The first signs, all are accepted; ids are unique. */
  readonly secrets: readonly NamedSecret[]
  readonly heartbeat: HeartbeatConfig
  readonly arbiter: ArbiterConfig
  /** A folder, as an absolute path without a slash at its end: what has to outlive a restart, such as holds. */
  readonly state: string
}

export interface NodeConfig {
  readonly name: string
  /** An IP address of this node, unique in the cluster: heartbeats by UDP, the peer channel by TCP. */
  readonly peer: PeerAddress
  /** Its data centre. */
  readonly site: string | undefined
  /** What it can carry, in the units of the services' `load`; undefined: it is not counted. */
  readonly capacity?: number | undefined
  /** Further addresses of the node for heartbeats alone. */
  readonly paths: readonly PeerAddress[]
}

/** An IP address without brackets, and a port that is not 0. */
export type PeerAddress = ListenAddress

/** As `@hotspare/heartbeat` and `@hotspare/lease` take a secret. */
export interface NamedSecret {
  /** 1 to 255. */
  readonly id: number
  /** 16 bytes or more. */
  readonly secret: string
}

/** As `@hotspare/heartbeat` takes it. */
export interface HeartbeatConfig {
  readonly intervalMs: number
  readonly detector: {
    readonly type: 'timeout'
    /** At least three intervals. */
    readonly timeoutMs: number
  }
  /** What the times are to keep; the daemon says when what it measures does not bear it out. */
  readonly promise?: HeartbeatPromise | undefined
}

/** Where leases are kept. Each but `none` holds the options of the register of its name, and the ttl of its leases. */
export type ArbiterConfig =
  | EtcdArbiterConfig
  | PostgresArbiterConfig
  | ConsulArbiterConfig
  | KubernetesArbiterConfig
  | S3ArbiterConfig
  | WitnessArbiterConfig
  | NoArbiterConfig

interface EtcdArbiterConfig {
  readonly type: 'etcd'
  /** Origins, each once. */
  readonly endpoints: readonly string[]
  readonly prefix: string
  /** With `password`, or neither. */
  readonly user: string | undefined
  readonly password: string | undefined
  readonly ttlMs: number
}

interface PostgresArbiterConfig {
  readonly type: 'postgres'
  /** URLs of the servers of one cluster; each may hold a password. */
  readonly connection: readonly string[]
  /** With or without a schema: `ops.hotspare_lease`. */
  readonly table: string
  readonly ttlMs: number
}

export interface ConsulArbiterConfig {
  readonly type: 'consul'
  /** Origins, each once. */
  readonly endpoints: readonly string[]
  readonly datacenter: string
  readonly prefix: string
  readonly token?: string | undefined
  /** PEM, as `cert` and `key`. */
  readonly ca?: string | undefined
  /** With `key`, or neither. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly ttlMs: number
}

export interface KubernetesArbiterConfig {
  readonly type: 'kubernetes'
  readonly namespace: string
  /** An origin; undefined within a pod. */
  readonly server?: string | undefined
  readonly token?: string | undefined
  /** An absolute path, as `caFile`. */
  readonly tokenFile?: string | undefined
  /** PEM. */
  readonly ca?: string | undefined
  readonly caFile?: string | undefined
  readonly prefix: string
  readonly ttlMs: number
}

export interface S3ArbiterConfig {
  readonly type: 's3'
  readonly bucket: string
  readonly region: string
  readonly credentials: S3Credentials
  /** An origin. */
  readonly endpoint?: string | undefined
  readonly pathStyle?: boolean | undefined
  readonly prefix: string
  /** PEM. */
  readonly ca?: string | undefined
  readonly ttlMs: number
}

interface WitnessArbiterConfig {
  readonly type: 'witness'
  /** An origin. */
  readonly url: string
  readonly secret: NamedSecret
  readonly ttlMs: number
}

/** Nodes that cannot see each other are all active then. */
interface NoArbiterConfig {
  readonly type: 'none'
  readonly acceptSplitBrain: true
}

/** What users reach, and what moves with it. */
export interface ServiceConfig {
  readonly name: string
  /** Names of nodes, in order of preference; at least one, each once. */
  readonly members: readonly string[]
  readonly onControlLoss: ControlLossPolicy
  /** What each member runs against itself. */
  readonly check: ServiceCheckConfig
  /** Whether other members are switched off before it is taken over; undefined: they are not. */
  readonly fencing?: FencingMode | undefined
  /** At least one, in the order in which they are acquired. */
  readonly resources: readonly ResourceConfig[]
  readonly failback: FailbackConfig
  /** Beyond this, the service stays where it is until people act. */
  readonly maxFailoversPerHour: number
  /** What it asks of the node that it is active on, in the units of the nodes' `capacity`; undefined: it is not counted. */
  readonly load?: number | undefined
  /** Services that have to be active before it is taken, on whichever node. */
  readonly after?: readonly string[] | undefined
  /** The service that it goes with: it is active where that one is, and follows it. With the same members. */
  readonly with?: string | undefined
  /** Services that it keeps apart from, where there is another well member; the same holds for them. */
  readonly apartFrom?: readonly string[] | undefined
  /** Those with a higher one are taken over first; undefined: 0. */
  readonly priority?: number | undefined
}

/** What happens to the addresses of a service when all of Hotspare is dead on the node that has them. */
export type ControlLossPolicy = 'keep' | 'release'

/** An address that is on an interface of the active member. */
export type InterfaceResourceConfig = VipResourceConfig | BgpResourceConfig | KeepalivedResourceConfig

export type ResourceConfig = InterfaceResourceConfig | CloudResourceConfig | DnsResourceConfig

/** Whether it is on an interface of the active member, and not something that others keep. */
export function isOnInterface<Each extends { readonly type: string }>(
  resource: Each,
): resource is Extract<Each, { readonly address: unknown }> {
  return 'address' in resource
}

export interface VipResourceConfig {
  readonly type: 'vip'
  /** In its shortest form, with its prefix: `10.0.0.100/32`, `fd00::100/128`. Unique in the file, whatever the prefix. */
  readonly address: string
  /** The interface that carries it, for each member and no other node. */
  readonly interfaces: Readonly<Record<string, string>>
}

/** Whether a more preferred member that is well again takes over by itself. */
export type FailbackConfig = { readonly type: 'manual' } | { readonly type: 'after'; readonly afterMs: number }

/** The register that `hotspare witness` serves. */
export interface WitnessConfig {
  readonly listen: ListenAddress
  /** An absolute path. */
  readonly file: string
  /** One, or two while one is replaced. */
  readonly secrets: readonly NamedSecret[]
}
