import { formatDuration, LONGEST_DELAY_MS } from '@hotspare/core'
import { monitorDefaults, type ObserverOptions, observerRulesSchema } from '@hotspare/health'
import { dependencyDefaults } from '@hotspare/health/dependencies'
import { type OutlierRules, outlierOptionsSchema } from '@hotspare/health/outliers'
import { type QuorumOptions, quorumOptionsSchema } from '@hotspare/health/quorum'
import { z } from 'zod'
import type { HealthSettings, OutlierConfig } from './config.ts'
import { defaults } from './defaults.ts'
import { fileKeys, judgedBy } from './file-keys.ts'
import { countSchema, durationBetween } from './schema-scalars.ts'

export interface HealthSettingsInput {
  readonly observer?: unknown
  readonly quorum?: unknown
  readonly dependencyWindow?: string | undefined
  readonly historySize?: number | undefined
  readonly maxConcurrentProbes?: number | undefined
}

/**
 * Options as they are handed on, and not as the package understands them: it adds what is not an option, and would not take it
 * back.
 */
function given<Options>(schema: z.ZodType<unknown, Options>): z.ZodType<Options> {
  const keys = fileKeys(schema)
  const isGiven = (value: unknown): value is Options => schema.safeParse(value).success
  return z.strictObject(keys.shape).pipe(
    z.transform((values: Readonly<Record<string, unknown>>, context): Options => {
      const options: unknown = keys.optionsOf(values)
      judgedBy(schema, keys.optionsOf(values), keys, context)
      return isGiven(options) ? options : z.NEVER
    }),
  )
}

const observerSchema: z.ZodType<ObserverOptions | false> = z.union([z.literal(false), given(observerRulesSchema)])
const quorumSchema: z.ZodType<QuorumOptions> = given(quorumOptionsSchema)

export const healthSettingsSchema: z.ZodType<HealthSettings, HealthSettingsInput> = z
  .strictObject({
    observer: observerSchema
      .prefault({})
      .describe('When this node takes itself for the sick one, and its results for inconclusive; `false`: never.'),
    quorum: quorumSchema
      .optional()
      .describe('How many nodes of the cluster it takes to call something down. Without it each believes itself.'),
    dependencyWindow: durationBetween(0, LONGEST_DELAY_MS)
      .prefault(formatDuration(dependencyDefaults.windowMs))
      .describe('How far apart a cause and its effect may be noticed: at least as long as what others lean on takes to be found dead.'),
    historySize: countSchema(1, 10_000)
      .prefault(monitorDefaults.historySize)
      .describe('Results that are kept of everything that is watched, for `explain`.'),
    maxConcurrentProbes: countSchema(1, 100_000)
      .prefault(monitorDefaults.maxConcurrentProbes)
      .describe('Probes in flight at a time; more wait their turn.'),
  })
  .transform(({ observer, quorum, dependencyWindow, ...limits }) => ({
    monitor: { observer, ...limits },
    quorum,
    dependencyWindowMs: dependencyWindow,
  }))

const outlierKeys = fileKeys(outlierOptionsSchema, { fallbacks: defaults.outliers })

/** What requests must meet for a target of a pool to be put aside. */
export const outliersSchema: z.ZodType<OutlierConfig> = z
  .union([
    z.literal(false).describe('nothing is made of how requests end, but for `trafficFailures`'),
    z.strictObject(outlierKeys.shape).transform((values, context): OutlierRules => {
      return judgedBy(outlierOptionsSchema, outlierKeys.optionsOf(values), outlierKeys, context) ?? z.NEVER
    }),
  ])
  .transform((rules) => (rules === false ? undefined : rules))
