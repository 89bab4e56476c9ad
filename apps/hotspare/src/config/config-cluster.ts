import type { ListenAddress } from './config.ts'
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
}

/** Where leases are kept. Each but `none` holds the options of the register of its name, and the ttl of its leases. */
export type ArbiterConfig = EtcdArbiterConfig | PostgresArbiterConfig | WitnessArbiterConfig | NoArbiterConfig

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
  /** At least one, in the order in which they are acquired. */
  readonly resources: readonly ResourceConfig[]
  readonly failback: FailbackConfig
  /** Beyond this, the service stays where it is until people act. */
  readonly maxFailoversPerHour: number
}

/** What happens to the addresses of a service when all of Hotspare is dead on the node that has them. */
export type ControlLossPolicy = 'keep' | 'release'

export type ResourceConfig = VipResourceConfig

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
