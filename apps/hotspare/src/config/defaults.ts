import { poolDefaults } from '@hotspare/balance'
import { formatDuration } from '@hotspare/core'
import { agentDefaults } from '@hotspare/fence'
import { watchdogDefaults } from '@hotspare/fence/watchdog'
import { healthDefaults, probeDefaults } from '@hotspare/health'
import { heartbeatDefaults } from '@hotspare/heartbeat'
import { etcdRegisterOptionsSchema } from '@hotspare/lease/etcd'
import { kubernetesRegisterOptionsSchema } from '@hotspare/lease/kubernetes'
import { postgresRegisterOptionsSchema } from '@hotspare/lease/postgres'
import { proxyDefaults, proxySettingsSchema } from '@hotspare/proxy'
import { haproxySettingsSchema } from '@hotspare/proxy/haproxy'
import { nginxSettingsSchema } from '@hotspare/proxy/nginx'
import type { AccessLogConfig, BalanceConfig, ForwardedPolicy, HealthMethod, LogFormat, LogLevel } from './config.ts'
import { deepFreeze } from './deep-freeze.ts'
import { formatSize } from './sizes.ts'

interface Defaults {
  readonly log: { readonly level: LogLevel; readonly format: LogFormat }
  readonly api: { readonly listen: string }
  readonly target: { readonly weight: number; readonly tier: number }
  readonly health: {
    readonly type: 'tcp'
    readonly interval: string
    readonly timeout: string
    readonly rise: number
    readonly fall: number
    readonly trafficFailures: number
    readonly method: HealthMethod
    readonly path: string
    readonly status: string
  }
  readonly balance: BalanceConfig['algorithm']
  readonly proxy: {
    readonly attempts: number
    readonly connect: string
    readonly firstByte: string
    readonly idle: string
    readonly drain: string
    readonly forwarded: ForwardedPolicy
    readonly limits: {
      readonly headers: string
      readonly headersTimeout: string
      readonly connections: number
      readonly requests: number
      readonly connectionsPerTarget: number
      readonly waitingPerTarget: number
    }
    readonly accessLogFormat: AccessLogConfig['format']
  }
  readonly routes: {
    readonly contentType: string
    readonly maintenance: { readonly retryAfter: string; readonly retryAfterMs: number }
    readonly stale: { readonly maxEntries: number; readonly maxBytes: string }
  }
  readonly timeline: { readonly keep: number }
  readonly cluster: { readonly state: string }
  readonly heartbeat: { readonly interval: string; readonly timeoutBeats: number }
  readonly arbiter: { readonly prefix: string; readonly table: string; readonly objectPrefix: string }
  readonly composed: { readonly beyondParts: string }
  readonly outliers: { readonly consecutiveErrors: number; readonly consecutiveLocalErrors: number }
  readonly engine: {
    readonly interval: string
    readonly haproxy: { readonly servers: 'existing' | 'managed'; readonly timeout: string }
    readonly nginx: {
      readonly test: readonly string[]
      readonly reload: readonly string[]
      readonly keepalive: number
      readonly maxFails: number
      readonly failTimeout: string
      readonly reloadInterval: string
    }
  }
  readonly dns: {
    readonly ttl: string
    readonly staticTtl: string
    readonly negativeTtl: string
    readonly holdDown: string
    readonly verifyWithin: string
  }
  readonly service: { readonly failback: 'manual'; readonly maxFailoversPerHour: number }
  readonly fencing: { readonly level: number; readonly timeout: string; readonly proof: 'status'; readonly startDelay: string }
  readonly watchdog: { readonly path: string; readonly timeout: string; readonly mode: 'required' }
}

const haproxy = haproxySettingsSchema.parse({ backend: 'web', socket: '/run/haproxy.sock' })
const nginx = nginxSettingsSchema.parse({ upstream: 'web', file: '/etc/nginx/web.conf' })

/**
 * What a file need not say, spelled as a file would spell it. What a package has a default for is that default, with its
 * reason there; a reason stands here where the app decides by itself.
 */
export const defaults: Defaults = deepFreeze({
  log: {
    /** State changes and requests that failed; not every probe. */
    level: 'info',
    format: 'auto',
  },
  api: {
    /** Loopback: who can log in on the machine may look; nobody else may before a token is set. */
    listen: '127.0.0.1:7400',
  },
  target: { weight: poolDefaults.weight, tier: poolDefaults.tier },
  health: {
    /** A connection: it is true of every server, while a path that answers differs from one to the next. */
    type: 'tcp',
    interval: formatDuration(healthDefaults.intervalMs),
    /** Never longer than the interval unless the file says so. */
    timeout: formatDuration(probeDefaults.timeoutMs),
    rise: healthDefaults.rise,
    fall: healthDefaults.fall,
    trafficFailures: healthDefaults.trafficFailures,
    method: probeDefaults.method,
    /** The one path that every web server has. */
    path: '/',
    status: probeDefaults.expectStatus,
  },
  /** Not the round robin of the package: requests differ in cost, and a target that slows down then gets fewer of them. */
  balance: 'least-request',
  proxy: {
    attempts: proxyDefaults.attempts,
    connect: formatDuration(proxyDefaults.connectTimeoutMs),
    firstByte: formatDuration(proxyDefaults.firstByteTimeoutMs),
    idle: formatDuration(proxyDefaults.idleTimeoutMs),
    drain: formatDuration(proxyDefaults.drainTimeoutMs),
    forwarded: proxySettingsSchema.parse({ port: 0 }).forwarded,
    limits: {
      headers: formatSize(proxyDefaults.maxHeaderBytes),
      headersTimeout: formatDuration(proxyDefaults.headersTimeoutMs),
      connections: proxyDefaults.maxConnections,
      requests: proxyDefaults.maxRequests,
      connectionsPerTarget: proxyDefaults.maxConnectionsPerTarget,
      waitingPerTarget: proxyDefaults.maxWaitingPerTarget,
    },
    /** What every program that reads access logs knows. */
    accessLogFormat: 'combined',
  },
  routes: {
    contentType: 'text/plain; charset=utf-8',
    /** Long enough that crawlers do not ask in vain all the time, and short enough that nobody stays away. */
    maintenance: { retryAfter: '5m', retryAfterMs: 300_000 },
    /** A thousand pages of 64 KiB fill it. */
    stale: { maxEntries: 1_000, maxBytes: '64MiB' },
  },
  timeline: {
    /** Some 5 MB; a bad week of a flapping target. */
    keep: 10_000,
  },
  cluster: {
    /** Where the Filesystem Hierarchy Standard keeps what a program has to remember. */
    state: '/var/lib/hotspare',
  },
  heartbeat: { interval: formatDuration(heartbeatDefaults.intervalMs), timeoutBeats: heartbeatDefaults.timeoutBeats },
  arbiter: {
    prefix: etcdRegisterOptionsSchema.parse({ endpoints: ['http://127.0.0.1:2379'] }).prefix,
    table: postgresRegisterOptionsSchema.parse({ connection: 'postgres://user@127.0.0.1' }).table.join('.'),
    objectPrefix: kubernetesRegisterOptionsSchema.parse({ namespace: 'hotspare' }).prefix,
  },
  /** So that a part names the phase in which its own deadline passed. */
  composed: { beyondParts: '50ms' },
  /**
   * On, with what holds a target against its pool, and without what looks at one target alone: one broken page, or a database that
   * has gone for all, would put half of a pool of two aside. Requests without an answer are what `trafficFailures` of the health
   * check counts. So of two targets the one goes that fails where the other does not, of three the one that is slow as well, the
   * last one never, and a target that asks for less (429, Retry-After) gets less.
   */
  outliers: { consecutiveErrors: 0, consecutiveLocalErrors: 0 },
  engine: {
    /** Two short questions to a socket, or one to a file: what a restart has forgotten stands for two seconds at most. */
    interval: '2s',
    haproxy: { servers: haproxy.servers, timeout: formatDuration(haproxy.commandTimeoutMs) },
    nginx: {
      test: nginx.test,
      reload: [nginx.reload].flat(),
      keepalive: nginx.keepalive,
      maxFails: nginx.maxFails,
      failTimeout: formatDuration(nginx.failTimeoutSeconds * 1_000),
      reloadInterval: formatDuration(nginx.minReloadIntervalMs),
    },
  },
  // A TTL that most resolvers heed; so long a target has to be up again, which is what a cached answer costs anyway; and name servers
  // that are not told of a change look for it within a minute or two.
  dns: { ttl: '30s', staticTtl: '1h', negativeTtl: '1m', holdDown: '30s', verifyWithin: '1m' },
  service: {
    /** People have seen why it failed before it is trusted again. */
    failback: 'manual',
    /** One every ten minutes: more of them help nobody, and each may lose connections. */
    maxFailoversPerHour: 6,
  },
  fencing: {
    level: 1,
    /** As the package has it. */
    timeout: formatDuration(agentDefaults.offTimeoutMs),
    /** Agents are asked whether they have told the truth; few cannot be. */
    proof: 'status',
    /** Machines that get their power back together are up within a minute of each other. */
    startDelay: '1m',
  },
  watchdog: {
    /** The kernel's first one. */
    path: '/dev/watchdog',
    timeout: formatDuration(watchdogDefaults.timeoutMs),
    /** Whoever writes it down counts on it. */
    mode: 'required',
  },
})

/** What a file and its parts may be at most. */
export const limits = {
  /** A configuration of a thousand targets has some 100 KB. */
  fileBytes: 1_048_576,
  /** The largest secrets are certificate chains. */
  secretBytes: 65_536,
  /** Values after aliases are expanded. */
  nodes: 100_000,
  /** The deepest key of the schema lies at 6. */
  depth: 32,
  /** Problems that one error lists; nobody reads more at once. */
  problems: 100,
  /** For one file to be read; a pipe without a writer or a dead mount must not hold up the start. */
  readTimeoutMs: 5_000,
  targetsPerPool: 500,
  /** As many requests as a proxy has under way at most. */
  queueSize: 10_000,
  proxies: 100,
  engines: 100,
  routes: 100,
  /** Of one proxy. */
  proxyRoutes: 1_000,
  /** Of a list of clients that get through. */
  networks: 100,
  /** Of one proxy; and names of one of them. */
  certificates: 100,
  serverNames: 100,
  /** A page that clients see in an outage carries its own pictures, if it has any. */
  pageBytes: 65_536,
  /** Every node watches every other, and `@hotspare/heartbeat` takes no more than 128 peers. */
  clusterNodes: 128,
  /** `@hotspare/heartbeat` takes 8 ways to a peer, the first included. */
  paths: 7,
  clusterSecrets: 8,
  witnessSecrets: 2,
  /** As the registers take them. */
  endpoints: 16,
  services: 100,
  resources: 50,
  /** As `@hotspare/vip` takes them: more take longer than a takeover may. */
  routeTables: 20,
  /** Two management controllers, two power strips, and a hypervisor are five. */
  fenceDevices: 20,
  checks: 1_000,
  /** As `@hotspare/health` composes them. */
  parts: 64,
  /** As `@hotspare/health` takes them for one target. */
  dependencies: 64,
  dnsProviders: 50,
  dnsProvidersOfRecord: 4,
  dnsRecords: 1_000,
  /** Of one name: what fits into one packet, and more than any client tries. */
  answers: 100,
  zones: 100,
  /** Of one zone. */
  staticRecords: 1_000,
  nameServers: 20,
  dnsListens: 16,
} as const

deepFreeze(limits)
