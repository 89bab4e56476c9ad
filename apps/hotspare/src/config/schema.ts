import { z } from 'zod'
import type { ApiConfig, HealthSettings, LogConfig, LogFormat, LogLevel, TimelineConfig, WitnessConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { type AlertsInput, alertsSchema, type ParsedAlerts } from './schema-alerts.ts'
import { checksSchema, type ParsedCheck } from './schema-checks.ts'
import { type ClusterInput, clusterSchema, type ParsedCluster, type WitnessInput, witnessSchema } from './schema-cluster.ts'
import type { EngineConfig } from './config-engines.ts'
import { type DnsInput, dnsSchema, type ParsedDns } from './schema-dns.ts'
import { type EngineInput, engineSchema } from './schema-engines.ts'
import type { FencingConfig, WatchdogConfig } from './config-fencing.ts'
import { type FencingInput, fencingSchema, type WatchdogInput, watchdogSchema } from './schema-fencing.ts'
import { type HealthSettingsInput, healthSettingsSchema } from './schema-health.ts'
import { type ParsedPool, type PoolInput, poolSchema } from './schema-pools.ts'
import { type ParsedProxy, type ProxyInput, proxySchema } from './schema-proxies.ts'
import { type ParsedService, type ServiceInput, serviceSchema } from './schema-services.ts'
import { countSchema, listenSchema, memberNameSchema, nameSchema, tokenSchema } from './schema-scalars.ts'

/** The file as people write it: the keys of `hotspare.yaml`. */
export interface ConfigInput {
  readonly node?: string | undefined
  readonly log?: { readonly level?: LogLevel | undefined; readonly format?: LogFormat | undefined } | undefined
  readonly api?: ApiInput | undefined
  readonly pools?: Record<string, PoolInput> | undefined
  readonly proxies?: ProxyInput[] | undefined
  readonly engines?: EngineInput[] | undefined
  /** Of each `type`, and the keys of that type. */
  readonly checks?: Record<string, unknown> | undefined
  readonly health?: HealthSettingsInput | undefined
  readonly alerts?: AlertsInput | undefined
  readonly timeline?: { readonly keep?: number | undefined } | undefined
  readonly cluster?: ClusterInput | undefined
  readonly services?: Record<string, ServiceInput> | undefined
  readonly witness?: WitnessInput | undefined
  readonly fencing?: FencingInput | undefined
  readonly watchdog?: WatchdogInput | undefined
  readonly dns?: DnsInput | undefined
}

export interface ApiInput {
  readonly listen?: string | undefined
  readonly token?: string | undefined
}

/** The file once each value is understood, and before the parts are checked against each other. */
export interface ParsedConfig {
  readonly node: string | undefined
  readonly log: LogConfig
  readonly api: ApiConfig
  readonly pools: Readonly<Record<string, ParsedPool>>
  readonly proxies: readonly ParsedProxy[]
  readonly engines: readonly EngineConfig[]
  readonly checks: Readonly<Record<string, ParsedCheck>>
  readonly health: HealthSettings
  readonly alerts: ParsedAlerts
  readonly timeline: TimelineConfig
  readonly cluster: ParsedCluster | undefined
  readonly services: Readonly<Record<string, ParsedService>>
  readonly witness: WitnessConfig | undefined
  readonly fencing: FencingConfig | undefined
  readonly watchdog: WatchdogConfig | undefined
  readonly dns: ParsedDns | undefined
}

const logSchema: z.ZodType<LogConfig, NonNullable<ConfigInput['log']>> = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .prefault(defaults.log.level)
    .describe('The least important lines that are written.'),
  format: z
    .enum(['auto', 'json', 'pretty'])
    .prefault(defaults.log.format)
    .describe('`auto` is `pretty` on a terminal and `json` elsewhere.'),
})

export const apiSchema: z.ZodType<ApiConfig, ApiInput> = z
  .strictObject({
    listen: listenSchema.prefault(defaults.api.listen).describe('Where the API listens. Beyond loopback a token is needed.'),
    token: tokenSchema.optional().describe('What clients have to present. Keep it out of the file: ${env:NAME} or ${file:/path}.'),
  })
  .transform(({ listen, token }) => ({ listen, token }))

const poolsSchema: z.ZodType<Record<string, ParsedPool>, Record<string, PoolInput>> = z
  .record(nameSchema, poolSchema)
  .refine((pools) => Object.keys(pools).length > 0, { error: 'at least one pool is needed' })

const servicesSchema: z.ZodType<Record<string, ParsedService>, Record<string, ServiceInput>> = z
  .record(memberNameSchema, serviceSchema)
  .refine((services) => Object.keys(services).length > 0, { error: 'at least one service is needed' })
  .refine((services) => Object.keys(services).length <= limits.services, { error: `at most ${limits.services} services are possible` })

export const configSchema: z.ZodType<ParsedConfig, ConfigInput> = z
  .strictObject({
    node: nameSchema.optional().describe("This machine's name in events and alerts. Default: its host name."),
    log: logSchema.prefault({}).describe('What is logged, and how.'),
    api: apiSchema.prefault({}).describe('The HTTP API.'),
    pools: poolsSchema
      .optional()
      .describe('Groups of servers that answer for the same service, by name. A file needs pools, checks, services or a witness.'),
    proxies: z
      .array(proxySchema)
      .max(limits.proxies)
      .prefault([])
      .describe('Where clients connect, each in front of a pool: by HTTP, or by whatever runs over TCP (`mode: tcp`).'),
    engines: z
      .array(engineSchema)
      .max(limits.engines)
      .prefault([])
      .describe('Other proxies that carry the requests of a pool and are kept at its verdicts: HAProxy, nginx.'),
    checks: checksSchema
      .prefault({})
      .describe('Whatever else is watched, by name: servers that no pool has, jobs that must report in, this machine, exporters.'),
    health: healthSettingsSchema.prefault({}).describe('What holds for everything that this node watches.'),
    alerts: alertsSchema.prefault({}).describe('Who is told when a target goes down or comes back.'),
    timeline: z
      .strictObject({ keep: countSchema(1, 1_000_000).prefault(defaults.timeline.keep).describe('How many events are kept.') })
      .prefault({})
      .describe('The history of what happened.'),
    cluster: clusterSchema.optional().describe('The nodes that act together, and what tells them who may act. Needed for services.'),
    services: servicesSchema.optional().describe('What users reach, by name: the active member has its resources.'),
    dns: dnsSchema.optional().describe('Names that follow health, who keeps them, and the DNS server of this node.'),
    fencing: fencingSchema.optional().describe('How nodes are switched off by others, for services that ask for it (`fencing`).'),
    watchdog: watchdogSchema
      .optional()
      .describe(
        'What resets this machine when Hotspare hangs or dies while it has a service with `onControlLoss: release`. Each node has its own.',
      ),
    witness: witnessSchema
      .optional()
      .describe('What `hotspare witness` serves on a third machine; may be alone in its file. `hotspare run` does not look at it.'),
  })
  .transform(({ node, pools = {}, cluster, services = {}, dns, fencing, watchdog, witness, ...rest }) => {
    return { ...rest, node, pools, cluster, services, dns, fencing, watchdog, witness }
  })
