import { formatDuration } from '@hotspare/core'
import { z } from 'zod'
import type { HealthConfig, WatchRules } from './config.ts'
import type { ProbeConfig, TargetProbeConfig } from './config-probes.ts'
import { defaults } from './defaults.ts'
import { httpSource, httpTargetSource } from './http-source.ts'
import { catalogue as known } from './probe-catalogue.ts'
import {
  hostSource,
  hostTargetSource,
  localSources,
  type ProbeSource,
  tcpSource,
  tcpTargetSource,
  urlSource,
  urlTargetSource,
  type Values,
} from './probe-sources.ts'
import { agentConfigOf, agentSchema, type AgentValues } from './schema-agent.ts'
import { countSchema, durationSchema } from './schema-scalars.ts'
import { type WatchDefaults, watchRulesOf, watchShape, type WatchValues } from './schema-watch.ts'

/** Probes whose address a target brings. */
const targetSources: readonly ProbeSource<TargetProbeConfig>[] = [
  httpTargetSource,
  tcpTargetSource,
  hostTargetSource(known.tls),
  urlTargetSource(known.websocket),
  hostTargetSource(known.grpc),
  hostTargetSource(known.dns),
  hostTargetSource(known.smtp),
  hostTargetSource(known.imap),
  hostTargetSource(known.pop3),
  hostTargetSource(known.ftp),
  hostTargetSource(known.ssh),
  hostTargetSource(known.redis),
  hostTargetSource(known.memcached),
  hostTargetSource(known.postgres),
  hostTargetSource(known.mysql),
  hostTargetSource(known.script),
  hostTargetSource(known.icmp),
  hostTargetSource(known.agent),
  urlTargetSource(known.metric),
]

/** Probes that are told where to look, or need not be. */
const wholeSources: readonly ProbeSource<ProbeConfig>[] = [
  httpSource,
  tcpSource,
  hostSource(known.tls),
  urlSource(known.websocket),
  hostSource(known.grpc),
  hostSource(known.dns),
  hostSource(known.smtp),
  hostSource(known.imap),
  hostSource(known.pop3),
  hostSource(known.ftp),
  hostSource(known.ssh),
  hostSource(known.redis),
  hostSource(known.memcached),
  hostSource(known.postgres),
  hostSource(known.mysql),
  hostSource(known.script),
  hostSource(known.icmp),
  hostSource(known.agent),
  urlSource(known.metric),
  ...localSources(known.exec),
  ...localSources(known.system, 'what'),
]

/** A mapping of one type, and what becomes of it. */
type Variant<Output> = z.ZodPipe<z.ZodObject<Record<string, z.ZodType>, z.core.$strict>, z.ZodType<Output, Values>>
/** A type of several kinds. */
type Kinds<Output> = z.ZodDiscriminatedUnion<[Variant<Output>, ...Variant<Output>[]]>

interface Reader<Output> {
  /** Takes what the keys of the mapping have become. */
  read(values: Values, context: z.RefinementCtx): Output | undefined
}

/** The mapping that `shape` describes, and what becomes of it. */
export function variant<Output>(shape: Readonly<Record<string, z.ZodType>>, reader: Reader<Output>): Variant<Output> {
  return z.strictObject(shape).pipe(z.transform((values: Values, context) => reader.read(values, context) ?? z.NEVER))
}

/** One of the sources, made into what is written: those with one type are told apart by their own key. */
function eachOf<Probe, Output>(
  sources: readonly ProbeSource<Probe>[],
  make: (source: ProbeSource<Probe>) => Variant<Output>,
): (Variant<Output> | Kinds<Output>)[] {
  return [...new Set(sources.map(({ type }) => type))].flatMap((type) => {
    const same = sources.filter((source) => source.type === type)
    const [first, ...rest] = same.map(make)
    const kindKey = same[0]?.kindKey
    if (!first) return []
    return [kindKey === undefined ? first : z.discriminatedUnion(kindKey, [first, ...rest])]
  })
}

/** Whichever is of the type that is written. */
export function ofType<Output>(variants: readonly (Variant<Output> | Kinds<Output>)[]): z.ZodType<Output> {
  const [first, ...rest] = variants
  if (!first) throw new TypeError('there is nothing to choose from')
  return z.discriminatedUnion('type', [first, ...rest])
}

const targetShape = {
  trafficFailures: countSchema(0, 1_000)
    .prefault(defaults.health.trafficFailures)
    .describe('Failed requests in a row, as the proxy sees them, that declare a target down; 0 leaves it to the probes.'),
  agent: agentSchema
    .optional()
    .describe(
      "An agent beside each target, as with HAProxy's agent-check: what it says of its weight and its state counts, its silence does not.",
    ),
}

interface TargetValues extends WatchValues, Values {
  readonly trafficFailures: number
  readonly agent?: AgentValues | undefined
}

/** How the targets of a pool are looked at. */
export const healthSchema: z.ZodType<HealthConfig> = ofType(
  eachOf(targetSources, (source) =>
    variant<HealthConfig>(
      { ...source.shape, ...watchShape(source), ...targetShape },
      {
        read(values: TargetValues, context) {
          const rules = watchRulesOf(values, source.timeoutMs, context)
          const probe = source.read(values, rules.timeoutMs, context)
          const agent = values.agent && { agent: agentConfigOf(values.agent, rules.intervalMs) }
          return probe && { ...probe, ...rules, trafficFailures: values.trafficFailures, ...agent }
        },
      },
    ),
  ),
)

/** A probe with its address that is watched; `further` keys are the caller's. */
export function watchedVariants<Output>(
  further: Readonly<Record<string, z.ZodType>>,
  make: (watched: ProbeConfig & WatchRules, values: Values) => Output,
  { hasThresholds }: Pick<WatchDefaults, 'hasThresholds'> = {},
): (Variant<Output> | Kinds<Output>)[] {
  return eachOf(wholeSources, (source) =>
    variant<Output>(
      { ...source.shape, ...watchShape({ ...source, hasThresholds }), ...further },
      {
        read(values: WatchValues & Values, context) {
          const rules = watchRulesOf(values, source.timeoutMs, context)
          const probe = source.read(values, rules.timeoutMs, context)
          return probe && make({ ...probe, ...rules }, values)
        },
      },
    ),
  )
}

/** A probe with its address that is a part of something watched. */
export const partSchema: z.ZodType<ProbeConfig> = ofType(
  eachOf(wholeSources, (source) => {
    const { timeoutMs, longestTimeout = '1m' } = source
    const timeout = durationSchema('10ms', longestTimeout)
      .optional()
      .describe(`A probe without an answer has failed after this. At most ${longestTimeout}. Default: ${formatDuration(timeoutMs)}.`)
    return variant<ProbeConfig>(
      { ...source.shape, timeout },
      {
        read: (values: Values & { readonly timeout?: number }, context) => source.read(values, values.timeout ?? timeoutMs, context),
      },
    )
  }),
)
