import { parseDuration } from '@hotspare/core'
import { headerNameProblem, headerValueProblem } from '@hotspare/health/http'
import { z } from 'zod'
import { hostAndPort } from './addresses.ts'
import type { BalanceStrategy, HealthConfig, HealthMethod, PoolConfig, TargetConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import {
  countSchema,
  durationSchema,
  headersSchema,
  headerValueSchema,
  nameSchema,
  originSchema,
  statusSchema,
  textSchema,
} from './schema-scalars.ts'

/** A target as a file writes it: its URL alone, or a mapping. */
type TargetInput = string | TargetMappingInput

interface TargetMappingInput {
  readonly url: string
  readonly name?: string | undefined
  readonly tier?: number | undefined
  readonly weight?: number | undefined
}

type HealthInput = HttpHealthInput | TcpHealthInput

interface HealthTimingInput {
  readonly interval?: string | undefined
  readonly timeout?: string | undefined
  readonly rise?: number | undefined
  readonly fall?: number | undefined
  readonly trafficFailures?: number | undefined
}

interface HttpHealthInput extends HealthTimingInput {
  readonly type: 'http'
  readonly path?: string | undefined
  readonly method?: HealthMethod | undefined
  readonly host?: string | undefined
  readonly headers?: Record<string, string> | undefined
  readonly status?: string | number | undefined
  readonly body?: string | undefined
}

interface TcpHealthInput extends HealthTimingInput {
  readonly type: 'tcp'
}

export interface PoolInput {
  readonly targets: TargetInput[]
  readonly health?: HealthInput | undefined
  readonly balance?: BalanceStrategy | undefined
}

/** A target before it knows its pool. */
type ParsedTarget = Omit<TargetConfig, 'id'>

/** A pool before it knows its name. */
export interface ParsedPool extends Omit<PoolConfig, 'name' | 'targets'> {
  readonly targets: readonly ParsedTarget[]
}

const targetSchema: z.ZodType<ParsedTarget, TargetInput> = z.union([
  originSchema.transform((origin) => ({ ...origin, name: hostAndPort(origin), ...defaults.target })),
  z
    .strictObject({
      url: originSchema.describe('Scheme, host and port of the server.'),
      name: nameSchema.optional().describe('Unique in the pool. Default: host:port of the URL.'),
      tier: countSchema(0, 100).prefault(defaults.target.tier).describe('0 is used first; a higher tier is a spare for the lower ones.'),
      weight: countSchema(0, 1_000).prefault(defaults.target.weight).describe('Share of the traffic within the tier; 0 gets none.'),
    })
    .transform(({ url, name, tier, weight }) => ({ ...url, name: name ?? hostAndPort(url), weight, tier })),
])

/**
 * A timeout may be longer than the interval: a target is never probed twice at once, its next probe then waits.
 * A minute is the bound, because a probe that takes longer says nothing about a target that users wait for.
 */
const timing = {
  interval: durationSchema('50ms', '1h')
    .prefault(defaults.health.interval)
    .describe('From the start of one probe to the start of the next.'),
  timeout: durationSchema('10ms', '1m')
    .optional()
    .describe(
      `A probe without an answer has failed after this. At most 1m. Default: ${defaults.health.timeout}, or the interval where that is shorter.`,
    ),
  rise: countSchema(1, 100).prefault(defaults.health.rise).describe('Successes in a row that declare a target up.'),
  fall: countSchema(1, 100).prefault(defaults.health.fall).describe('Failures in a row that declare a target down.'),
  trafficFailures: countSchema(0, 1_000)
    .prefault(defaults.health.trafficFailures)
    .describe('Failed requests in a row, as the proxy sees them, that declare a target down; 0 leaves it to the probes.'),
}

export const probeHeadersSchema: z.ZodType<Record<string, string>, Record<string, string>> = headersSchema(
  (name) => (/^host$/i.test(name) ? 'the key "host" sets the Host header' : headerNameProblem(name)),
  headerValueProblem,
)

/** A path of this length fits into the URL of a probe even where every character is percent-encoded. */
const LONGEST_PATH = 2_048

const healthSchema: z.ZodType<HealthConfig, HealthInput> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('http').describe('Sends a request and looks at the answer.'),
      path: z
        .string()
        // Two slashes would begin another host; a fragment is never sent.
        .regex(/^\/(?![/\\])[\x21\x22\x24-\x5b\x5d-\x7e]*$/, { error: 'it starts with one "/" and has no spaces, "#" or "\\"' })
        .max(LONGEST_PATH)
        .meta({ title: 'path', examples: ['/healthz'] })
        .prefault(defaults.health.path)
        .describe('Path and query of the request.'),
      method: z.enum(['GET', 'HEAD', 'OPTIONS']).prefault(defaults.health.method).describe('Method of the request.'),
      host: headerValueSchema('host name', 'shop.example.com', headerValueProblem)
        .optional()
        .describe('Value of the Host header. Default: that of the target.'),
      headers: probeHeadersSchema.prefault({}).describe('Further headers of the request.'),
      status: statusSchema.prefault(defaults.health.status).describe('The answers that count as healthy.'),
      body: textSchema('text', 'ok').optional().describe('A text that the body of the answer has to contain.'),
      ...timing,
    }),
    z.strictObject({ type: z.literal('tcp').describe('Opens a connection and closes it.'), ...timing }),
  ])
  .transform(({ interval, timeout, ...rest }): HealthConfig => {
    const times = { intervalMs: interval, timeoutMs: timeout ?? Math.min(interval, parseDuration(defaults.health.timeout)) }
    return rest.type === 'http' ? { ...rest, ...times, host: rest.host, body: rest.body } : { ...rest, ...times }
  })

export const poolSchema: z.ZodType<ParsedPool, PoolInput> = z.strictObject({
  targets: z.array(targetSchema).min(1).max(limits.targetsPerPool).describe('The servers that answer for this pool.'),
  health: healthSchema.prefault({ type: defaults.health.type }).describe('How targets are probed.'),
  balance: z.enum(['round-robin', 'least-request']).prefault(defaults.balance).describe('How a target is chosen among those that are up.'),
})
