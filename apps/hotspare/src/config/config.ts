import type { BalanceConfig, SpreadConfig } from './config-balance.ts'
import type { ClusterConfig, ServiceConfig, WitnessConfig } from './config-cluster.ts'
import type { DnsConfig } from './config-dns.ts'
import type { EngineConfig } from './config-engines.ts'
import type { FencingConfig, WatchdogConfig } from './config-fencing.ts'
import type { TcpConfig } from './config-tcp.ts'
import type { CheckConfig, HealthConfig, HealthSettings, OutlierConfig } from './config-health.ts'
import type { ErrorPageConfig, MaintenanceConfig, RouteConfig, StaleConfig } from './config-routes.ts'

import type { TlsConfig } from './config-tls.ts'

export type { BalanceConfig, QueueConfig, SpreadConfig, StickyConfig } from './config-balance.ts'
export { isOnInterface } from './config-cluster.ts'
export type {
  ArbiterConfig,
  ClusterConfig,
  ControlLossPolicy,
  FailbackConfig,
  HeartbeatConfig,
  NamedSecret,
  NodeConfig,
  PeerAddress,
  InterfaceResourceConfig,
  ResourceConfig,
  ServiceConfig,
  VipResourceConfig,
  WitnessConfig,
} from './config-cluster.ts'
export type {
  AgentConfig,
  CheckConfig,
  DependsOnConfig,
  HealthConfig,
  HealthSettings,
  OutlierConfig,
  ServiceCheckConfig,
  ThresholdConfig,
  WatchRules,
} from './config-health.ts'
export type { DnsConfig } from './config-dns.ts'
export type { EngineConfig } from './config-engines.ts'
export type { ErrorPageConfig, MaintenanceConfig, RouteConfig, RouteTarget, StaleConfig } from './config-routes.ts'
export type { TcpConfig } from './config-tcp.ts'
export type { CheckProbeConfig, HealthMethod, ProbeConfig } from './config-probes.ts'

/** What the app runs on: everything filled in, in milliseconds and parsed addresses, independent of how the file spells it. */
export interface Config {
  /** This machine's name in events, alerts and logs; where there is a cluster, one of its nodes. */
  readonly node: string
  readonly log: LogConfig
  readonly api: ApiConfig
  readonly pools: readonly PoolConfig[]
  readonly proxies: readonly ProxyConfig[]
  /** Other proxies that follow a pool's verdicts; names are unique. */
  readonly engines: readonly EngineConfig[]
  /** What is watched besides targets and services; names are unique. */
  readonly checks: readonly CheckConfig[]
  readonly health: HealthSettings
  readonly alerts: AlertsConfig
  readonly timeline: TimelineConfig
  /** Undefined: no name follows anything, and this node serves no zone. */
  readonly dns?: DnsConfig | undefined
  /** How other nodes are switched off; undefined: they cannot be. */
  readonly fencing?: FencingConfig | undefined
  /** Undefined: nothing resets this machine. */
  readonly watchdog?: WatchdogConfig | undefined
  /** The nodes that act together; never undefined where there are services. */
  readonly cluster: ClusterConfig | undefined
  readonly services: readonly ServiceConfig[]
  /** For `hotspare witness` alone. */
  readonly witness: WitnessConfig | undefined
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'
export type LogFormat = 'auto' | 'json' | 'pretty'

export interface LogConfig {
  readonly level: LogLevel
  /** `auto` is `pretty` on a terminal and `json` elsewhere. */
  readonly format: LogFormat
}

/** Where a server listens. */
export interface ListenAddress {
  /** An IP address without brackets, or a host name; `::` is every address of the machine, IPv4 included. */
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

export interface ApiConfig {
  readonly listen: ListenAddress
  /** Never undefined where `listen` can be reached from another machine. */
  readonly token: string | undefined
}

export interface PoolConfig extends SpreadConfig {
  readonly name: string
  readonly targets: readonly TargetConfig[]
  readonly health: HealthConfig
  readonly outliers?: OutlierConfig
  readonly balance: BalanceConfig
  readonly maintenance: MaintenanceConfig
  /** Undefined: no answers are kept. */
  readonly staleIfError?: StaleConfig | undefined
}

export interface TargetConfig {
  /** `pool/name`, unique in the file. */
  readonly id: string
  /** Unique in its pool. */
  readonly name: string
  /** The origin alone: `http://10.0.0.11:8080`. */
  readonly url: string
  /** `tcp`: known as an address alone. */
  readonly protocol: 'http' | 'https' | 'tcp'
  /** Without brackets. */
  readonly host: string
  readonly port: number
  /** Share of the traffic within its tier; 0 gets none. */
  readonly weight: number
  /** 0 is used first; a higher tier is a spare for the lower ones. */
  readonly tier: number
  /** Targets that may well fail together have the same; undefined: those of one host do. */
  readonly group?: string | undefined
  /** Where it stands: one of the pool's zones, if the pool has those. */
  readonly zone?: string | undefined
  /** How many requests it has at a time; undefined: as many as come. */
  readonly limit?: number | undefined
}

export interface ProxyConfig {
  readonly name: string
  readonly listen: ListenAddress
  /** Name of a pool of this file: for what no route takes. Undefined: that is answered 404. */
  readonly pool?: string | undefined
  readonly routes: readonly RouteConfig[]
  readonly errorPages: readonly ErrorPageConfig[]
  /** Tries per request, the first included. */
  readonly attempts: number
  readonly timeouts: ProxyTimeouts
  readonly forwarded: ForwardedPolicy
  readonly limits: ProxyLimits
  /** Undefined: clients speak HTTP in the clear. */
  readonly tls?: TlsConfig | undefined
  /** Undefined: none is written. */
  readonly accessLog?: AccessLogConfig | undefined
  /** Where it hands bytes on as they come; undefined: it speaks HTTP. What is about requests means nothing then. */
  readonly tcp?: TcpConfig | undefined
}

export type ForwardedPolicy = 'replace' | 'append'

/** What a proxy takes on at most, in the words of its options. */
export interface ProxyLimits {
  readonly maxHeaderBytes: number
  readonly maxBodyBytes: number
  readonly headersTimeoutMs: number
  readonly maxConnections: number
  readonly maxRequests: number
  readonly maxConnectionsPerTarget: number
  readonly maxWaitingPerTarget: number
}

export interface AccessLogConfig {
  /** An absolute path; `-` is the standard output. */
  readonly file: string
  readonly format: 'combined' | 'combined+' | 'json'
}

interface ProxyTimeouts {
  readonly connectMs: number
  readonly firstByteMs: number
  /** Over all attempts; undefined: as the proxy has it. */
  readonly answerMs: number | undefined
  readonly idleMs: number
  readonly drainMs: number
}

interface AlertsConfig {
  readonly channels: readonly ChannelConfig[]
  /** Where the file names none, there is one that matches everything and goes to every channel. */
  readonly routes: readonly AlertRouteConfig[]
}

export type ChannelConfig = WebhookChannelConfig | SmtpChannelConfig | ConsoleChannelConfig

interface WebhookChannelConfig {
  readonly type: 'webhook'
  readonly name: string
  readonly url: string
  /** Key of the signature that the receiver can check: `whsec_` and base64. */
  readonly secret: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

interface SmtpChannelConfig {
  readonly type: 'smtp'
  readonly name: string
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string
  /** Undefined: the channel finds one that the mail server accepts. */
  readonly from: string | undefined
  readonly to: readonly string[]
}

interface ConsoleChannelConfig {
  readonly type: 'console'
  readonly name: string
}

export type Severity = 'critical' | 'warning' | 'info'

export interface AlertRouteConfig {
  /** Which alerts; undefined: all. */
  readonly severities: readonly Severity[] | undefined
  /** Names of channels of this file. */
  readonly to: readonly string[]
}

export interface TimelineConfig {
  /** How many events are kept. */
  readonly keep: number
}
