import type { ComposeOptions } from '@hotspare/health/compose'
import type { ResolvedAgentProbeOptions } from '@hotspare/health/agent'
import type { ResolvedDnsProbeOptions } from '@hotspare/health/dns'
import type { ResolvedExecProbeOptions } from '@hotspare/health/exec'
import type { ResolvedFtpProbeOptions } from '@hotspare/health/ftp'
import type { ResolvedGrpcProbeOptions } from '@hotspare/health/grpc'
import type { HttpProbeMethod, HttpProbeOptions } from '@hotspare/health/http'
import type { ResolvedIcmpProbeOptions } from '@hotspare/health/icmp'
import type { ResolvedImapProbeOptions } from '@hotspare/health/imap'
import type { ResolvedMemcachedProbeOptions } from '@hotspare/health/memcached'
import type { ResolvedMetricProbeOptions } from '@hotspare/health/metric'
import type { ResolvedMysqlProbeOptions } from '@hotspare/health/mysql'
import type { ResolvedPop3ProbeOptions } from '@hotspare/health/pop3'
import type { ResolvedPostgresProbeOptions } from '@hotspare/health/postgres'
import type { ResolvedRedisProbeOptions } from '@hotspare/health/redis'
import type { ResolvedScriptProbeOptions } from '@hotspare/health/script'
import type { ResolvedSmtpProbeOptions } from '@hotspare/health/smtp'
import type { ResolvedSshProbeOptions } from '@hotspare/health/ssh'
import type { ResolvedSystemProbeOptions } from '@hotspare/health/system'
import type { ResolvedTlsProbeOptions } from '@hotspare/health/tls'
import type { ResolvedWebSocketProbeOptions } from '@hotspare/health/websocket'

// What is looked at, and how. Each probe holds the options of its package as the package itself has checked them, without the
// address and the deadline, which stand beside them.

/** The options of a package that are neither address nor deadline. */
export type OwnOptions<Options> = Omit<Options, 'host' | 'port' | 'server' | 'url' | 'timeoutMs'>

/** A probe of a server by its host and port. */
export interface HostProbeConfig<Type extends string, Options, Port> {
  readonly type: Type
  /** A name, or an address without brackets. */
  readonly host: string
  /** Undefined: the usual port of the protocol. */
  readonly port: Port
  readonly timeoutMs: number
  readonly options: OwnOptions<Options>
}

/** A probe of what a URL names. */
export interface UrlProbeConfig<Type extends string, Options> {
  readonly type: Type
  /** Without user and password. */
  readonly url: string
  readonly timeoutMs: number
  readonly options: OwnOptions<Options>
}

/** A probe of this machine, or with its means. */
export interface LocalProbeConfig<Type extends string, Options> {
  readonly type: Type
  readonly timeoutMs: number
  /** With the deadline of the package, which `timeoutMs` overrules. */
  readonly options: Options
}

export type HealthMethod = HttpProbeMethod

/** What an HTTP probe asks and expects besides what has a place of its own; only what is not as usual. */
export type FurtherHttpOptions = Omit<HttpProbeOptions, 'url' | 'method' | 'headers' | 'expectStatus' | 'expectBody' | 'timeoutMs'>

export interface HttpProbeConfig {
  readonly type: 'http'
  /** Without user and password. */
  readonly url: string
  /** Undefined: GET. */
  readonly method?: HealthMethod | undefined
  /** Value of the Host header; undefined: that of the URL. */
  readonly host: string | undefined
  readonly headers: Readonly<Record<string, string>>
  /** The answers that count as healthy, like `200-399` or `200,204`. */
  readonly status: string
  /** A text that the body has to contain. */
  readonly body: string | undefined
  readonly timeoutMs: number
  readonly options?: FurtherHttpOptions | undefined
}

export interface TcpProbeConfig {
  readonly type: 'tcp'
  /** A host name, or an IP address without brackets. */
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

// The keys of these are made in the file from the schema of their package.

/** Probes by host and port, and the options of their packages. */
export interface HostProbeOptions {
  readonly tls: ResolvedTlsProbeOptions
  readonly grpc: ResolvedGrpcProbeOptions
  readonly dns: ResolvedDnsProbeOptions
  readonly smtp: ResolvedSmtpProbeOptions
  readonly imap: ResolvedImapProbeOptions
  readonly pop3: ResolvedPop3ProbeOptions
  readonly ftp: ResolvedFtpProbeOptions
  readonly ssh: ResolvedSshProbeOptions
  readonly redis: ResolvedRedisProbeOptions
  readonly memcached: ResolvedMemcachedProbeOptions
  readonly postgres: ResolvedPostgresProbeOptions
  readonly mysql: ResolvedMysqlProbeOptions
  readonly script: ResolvedScriptProbeOptions
  readonly icmp: ResolvedIcmpProbeOptions
  readonly agent: ResolvedAgentProbeOptions
}

/** By URL. */
export interface UrlProbeOptions {
  readonly websocket: ResolvedWebSocketProbeOptions
  readonly metric: ResolvedMetricProbeOptions
}

/** Without an address. */
export interface LocalProbeOptions {
  readonly exec: ResolvedExecProbeOptions
  readonly system: ResolvedSystemProbeOptions
}

/** Protocols without a port of their own need one. */
export type PortOf<Type> = Type extends 'grpc' | 'script' | 'agent' ? number : number | undefined

export type HostProbe = {
  [Type in keyof HostProbeOptions]: HostProbeConfig<Type, HostProbeOptions[Type], PortOf<Type>>
}[keyof HostProbeOptions]
export type UrlProbe = { [Type in keyof UrlProbeOptions]: UrlProbeConfig<Type, UrlProbeOptions[Type]> }[keyof UrlProbeOptions]
export type LocalProbe = { [Type in keyof LocalProbeOptions]: LocalProbeConfig<Type, LocalProbeOptions[Type]> }[keyof LocalProbeOptions]

/** A probe with all that it needs to know. */
export type ProbeConfig = HttpProbeConfig | TcpProbeConfig | HostProbe | UrlProbe | LocalProbe

/** A probe that a target tells where to look. */
type AtTarget<Probe> = Probe extends { readonly url: string; readonly options: infer Options; readonly type: infer Type }
  ? { readonly type: Type; readonly path: string; readonly options: Options }
  : Probe extends { readonly host: string; readonly options: infer Options; readonly type: infer Type }
    ? { readonly type: Type; readonly options: Options }
    : never

/** What a pool says of its probe: the address is each target's own. */
export type TargetProbeConfig = (HttpTargetProbe | { readonly type: 'tcp' } | AtTarget<HostProbe | UrlProbe>) & {
  /** Where the probe connects; undefined: the target's own port. */
  readonly port?: number | undefined
}

export interface HttpTargetProbe extends Omit<HttpProbeConfig, 'url' | 'method' | 'timeoutMs'> {
  readonly method: HealthMethod
  readonly path: string
}

/** A job that has to report in. */
export interface PushProbeConfig {
  readonly type: 'push'
  /** How long a report holds. */
  readonly ttlMs: number
  /** How much later the next may come before it is missed; the check is degraded meanwhile. */
  readonly graceMs: number
  /** It answers at once. */
  readonly timeoutMs: number
}

/** Several probes that are judged as one. */
export interface ComposedProbeConfig {
  readonly type: 'all' | 'any' | 'atLeast'
  /** How many have to pass. */
  readonly count: number
  /** In the order of the file; names are unique. */
  readonly parts: readonly NamedProbe[]
  /** Over all parts. */
  readonly timeoutMs: number
  readonly options: Omit<ComposeOptions, 'timeoutMs'>
}

export interface NamedProbe {
  readonly name: string
  readonly probe: ProbeConfig
}

/** What a check can be. */
export type CheckProbeConfig = ProbeConfig | PushProbeConfig | ComposedProbeConfig
