import { agentProbeOptionsSchema } from '@hotspare/health/agent'
import { dnsProbeOptionsSchema } from '@hotspare/health/dns'
import { execProbeOptionsSchema } from '@hotspare/health/exec'
import { ftpProbeOptionsSchema } from '@hotspare/health/ftp'
import { grpcProbeOptionsSchema } from '@hotspare/health/grpc'
import { icmpProbeOptionsSchema } from '@hotspare/health/icmp'
import { imapProbeOptionsSchema } from '@hotspare/health/imap'
import { memcachedProbeOptionsSchema } from '@hotspare/health/memcached'
import { metricProbeOptionsSchema } from '@hotspare/health/metric'
import { mysqlProbeOptionsSchema } from '@hotspare/health/mysql'
import { pop3ProbeOptionsSchema } from '@hotspare/health/pop3'
import { postgresProbeOptionsSchema } from '@hotspare/health/postgres'
import { redisProbeOptionsSchema } from '@hotspare/health/redis'
import { scriptProbeOptionsSchema } from '@hotspare/health/script'
import { smtpProbeOptionsSchema } from '@hotspare/health/smtp'
import { sshProbeOptionsSchema } from '@hotspare/health/ssh'
import { systemProbeOptionsSchema } from '@hotspare/health/system'
import { tlsProbeOptionsSchema } from '@hotspare/health/tls'
import { websocketProbeOptionsSchema } from '@hotspare/health/websocket'
import type { z } from 'zod'
import type { HostProbeOptions, LocalProbeOptions, PortOf, UrlProbeOptions } from './config-probes.ts'
import type { Spelling } from './file-keys.ts'
import { type HostAddress, readHost, readHostAddress, readHostAndPort } from './host-addresses.ts'
import { readable } from './schema-scalars.ts'

// Every probe whose keys are made from the schema of its package. A new one is an entry here, its type in `config-probes.ts`, and a
// case in `drivers.ts`.

/** What the file knows of a probe that its package does not say. */
export interface ProbeEntry<Type extends string, Options> {
  readonly type: Type
  /** One sentence, for the reference and for editors. */
  readonly what: string
  readonly schema: z.ZodType<Options>
  readonly keys?: Spelling['keys']
  /** From one run to the next, where the file does not say it. Default: that of all health checks */
  readonly interval?: string | undefined
  /** The longest deadline that the file may set. Default: a minute */
  readonly longestTimeout?: string | undefined
}

/** A probe by host and port. */
export interface HostEntry<Type extends string, Options, Port> extends ProbeEntry<Type, Options> {
  /** Reads where it looks. */
  readonly address: z.ZodType<HostAddress<Port>, string>
  /** The ports of a protocol that has one for TLS, where the schema of the package names none. */
  readonly usualPorts?: { readonly plain: number; readonly tls: number } | undefined
  /** Whether the probe knows no ports. */
  readonly hasNoPort?: boolean | undefined
  /** What the package calls the host. Default: host */
  readonly hostOption?: string | undefined
}

/** A probe by URL. */
export interface UrlEntry<Type extends string, Options> extends ProbeEntry<Type, Options> {
  /** `http`, or `ws`: the scheme without TLS. */
  readonly scheme: 'http' | 'ws'
  /** Where a target is asked, unless the file says it. */
  readonly path: string
}

/** A program is started each time, or a page of some hundred kilobytes read: once a second is more than anybody needs. */
const SELDOM = '10s'
/** As in the configuration that Prometheus' documentation begins with. */
const AS_SCRAPED = '15s'
/** Of programs: a disk may need a while to answer. */
const LONG = '10m'

/** `127.0.0.1:5432` */
export const addressWithPort: z.ZodType<HostAddress<number>, string> = readable(readHostAndPort, {
  title: 'address',
  examples: ['127.0.0.1:5432', '[::1]:5432'],
})
const withUsualPort = readable(readHostAddress, { title: 'address', examples: ['10.0.0.11', '10.0.0.11:2525', '[fd00::11]:2525'] })
const withoutPort = readable(readHost, { title: 'host', examples: ['10.0.0.1', 'fd00::1'] })

type Catalogue = { readonly [Type in keyof HostProbeOptions]: HostEntry<Type, HostProbeOptions[Type], PortOf<Type>> } & {
  readonly [Type in keyof UrlProbeOptions]: UrlEntry<Type, UrlProbeOptions[Type]>
} & { readonly [Type in keyof LocalProbeOptions]: ProbeEntry<Type, LocalProbeOptions[Type]> }

export const catalogue: Catalogue = {
  tls: { type: 'tls', what: 'Agrees on TLS, and looks at the certificates.', schema: tlsProbeOptionsSchema, address: withUsualPort },
  websocket: {
    type: 'websocket',
    what: 'Opens a WebSocket, and sends a ping.',
    schema: websocketProbeOptionsSchema,
    scheme: 'ws',
    path: '/',
  },
  grpc: {
    type: 'grpc',
    what: 'Asks by the gRPC health protocol (grpc.health.v1).',
    schema: grpcProbeOptionsSchema,
    address: addressWithPort,
  },
  dns: {
    type: 'dns',
    what: 'Asks a name server, and compares the answer.',
    schema: dnsProbeOptionsSchema,
    address: withUsualPort,
    hostOption: 'server',
    keys: { type: 'recordType' },
  },
  smtp: {
    type: 'smtp',
    what: 'Greets a mail server.',
    schema: smtpProbeOptionsSchema,
    address: withUsualPort,
    usualPorts: { plain: 25, tls: 465 },
  },
  imap: {
    type: 'imap',
    what: 'Reads the greeting of an IMAP server.',
    schema: imapProbeOptionsSchema,
    address: withUsualPort,
    usualPorts: { plain: 143, tls: 993 },
  },
  pop3: {
    type: 'pop3',
    what: 'Reads the greeting of a POP3 server.',
    schema: pop3ProbeOptionsSchema,
    address: withUsualPort,
    usualPorts: { plain: 110, tls: 995 },
  },
  ftp: {
    type: 'ftp',
    what: 'Reads the greeting of an FTP server.',
    schema: ftpProbeOptionsSchema,
    address: withUsualPort,
    usualPorts: { plain: 21, tls: 990 },
  },
  ssh: { type: 'ssh', what: 'Reads the version of an SSH server.', schema: sshProbeOptionsSchema, address: withUsualPort },
  redis: {
    type: 'redis',
    what: 'Sends PING to Redis, Valkey or a sentinel, and asks for its role and lag.',
    schema: redisProbeOptionsSchema,
    address: withUsualPort,
  },
  memcached: { type: 'memcached', what: 'Asks memcached for its version.', schema: memcachedProbeOptionsSchema, address: withUsualPort },
  postgres: {
    type: 'postgres',
    what: 'Begins a session with PostgreSQL, without a password.',
    schema: postgresProbeOptionsSchema,
    address: withUsualPort,
  },
  mysql: {
    type: 'mysql',
    what: 'Reads the greeting of MySQL or MariaDB, and logs in without a password.',
    schema: mysqlProbeOptionsSchema,
    address: withUsualPort,
  },
  script: {
    type: 'script',
    what: 'Says and waits, step by step, in any protocol over TCP or TLS.',
    schema: scriptProbeOptionsSchema,
    address: addressWithPort,
  },
  icmp: {
    type: 'icmp',
    what: "Sends pings with the machine's own ping program.",
    schema: icmpProbeOptionsSchema,
    address: withoutPort,
    hasNoPort: true,
    // `interval` is from one run to the next here too.
    keys: { intervalMs: 'packetInterval' },
  },
  agent: { type: 'agent', what: "Asks an agent of HAProxy's agent-check.", schema: agentProbeOptionsSchema, address: addressWithPort },
  metric: {
    type: 'metric',
    what: 'Reads a metric of a Prometheus exporter, and holds it against limits.',
    schema: metricProbeOptionsSchema,
    scheme: 'http',
    path: '/metrics',
    interval: AS_SCRAPED,
  },
  exec: {
    type: 'exec',
    what: 'Runs a program: exit code 0 passes, 1 is degraded, every other fails.',
    schema: execProbeOptionsSchema,
    interval: SELDOM,
    longestTimeout: LONG,
  },
  system: { type: 'system', what: 'Looks at this machine.', schema: systemProbeOptionsSchema, interval: SELDOM, longestTimeout: LONG },
}
