import { formatDuration, parseDuration } from '@hotspare/core'
import { type DampingRules, dampingRulesSchema } from '@hotspare/health'
import { thresholdDefaults, thresholdOptionsSchema } from '@hotspare/health/thresholds'
import { z } from 'zod'
import type { DependsOnConfig, ThresholdConfig, WatchRules } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { fileKeys, judgedBy } from './file-keys.ts'
import { countSchema, durationSchema, nameSchema } from './schema-scalars.ts'

/** What the keys that everything watched has in common have become. */
export interface WatchValues {
  readonly interval: number
  readonly fastInterval?: number | undefined
  readonly downInterval?: number | undefined
  readonly timeout?: number | undefined
  readonly rise: number
  readonly fall: number
  readonly initial?: 'unknown' | 'up' | 'down' | undefined
  readonly damping?: DampingRules | undefined
  readonly thresholds?: readonly ThresholdConfig[] | undefined
  readonly dependsOn?: DependsOnConfig | undefined
}

export interface WatchDefaults {
  readonly interval?: string | undefined
  /** Undefined: it has no deadline that a file could set. */
  readonly timeoutMs: number | undefined
  readonly longestTimeout?: string | undefined
  readonly rise?: number | undefined
  readonly fall?: number | undefined
  /** Whether limits on what it measures mean anything. Default: true */
  readonly hasThresholds?: boolean | undefined
}

const dampingKeys = fileKeys(dampingRulesSchema)
const dampingSchema = z
  .strictObject(dampingKeys.shape)
  .transform((values, context): DampingRules => {
    return judgedBy(dampingRulesSchema, dampingKeys.optionsOf(values), dampingKeys, context) ?? z.NEVER
  })
  .meta({ id: 'damping' })

const thresholdKeys = fileKeys(thresholdOptionsSchema)
const thresholdSchema = z
  .strictObject({
    name: nameSchema.optional().describe('Unique in the list. Default: what is measured.'),
    ...thresholdKeys.shape,
  })
  .pipe(
    z.transform((values: Readonly<Record<string, unknown>> & { readonly name?: string }, context): ThresholdConfig => {
      const rules = judgedBy(thresholdOptionsSchema, thresholdKeys.optionsOf(values), thresholdKeys, context)
      return rules ? { name: values.name ?? rules.measure, rules } : z.NEVER
    }),
  )
  .meta({ id: 'threshold' })

const thresholdsSchema = z
  .array(thresholdSchema)
  .max(thresholdDefaults.maxThresholds)
  .superRefine((thresholds, context) => {
    for (const [index, { name }] of thresholds.entries()) {
      if (thresholds.findIndex((other) => other.name === name) === index) continue
      const message = 'another threshold of the list has the same name: give it a "name" of its own'
      context.addIssue({ code: 'custom', path: [index], message, params: { isWhole: true } })
    }
  })

/** `uplink`, `shop/web-1`, `shop/*` */
export const leansOnSchema: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,62}(?:\/(?:\*|[A-Za-z0-9_[][A-Za-z0-9_.:[\]-]{0,262}))?$/, {
    error: 'write the name of a check, pool/target, or pool/* for all targets of a pool',
  })
  .meta({ title: 'check or target', examples: ['shop/10.0.0.11:8080'] })
const leansOnListSchema = z.array(leansOnSchema).min(1).max(limits.dependencies)

const dependsOnSchema: z.ZodType<DependsOnConfig> = z
  .union([
    leansOnListSchema.transform((on): DependsOnConfig => ({ on, need: 'all' })),
    z.strictObject({
      on: leansOnListSchema.describe('Names of checks, targets as pool/target, or pool/* for all targets of a pool.'),
      need: z
        .union([z.literal('all'), z.literal('any'), countSchema(1, limits.dependencies)])
        .prefault('all')
        .describe('How many of them it takes.'),
    }),
  ])
  .meta({ id: 'dependsOn' })

/** The keys that everything watched has in common. */
export function watchShape(given: WatchDefaults): Record<string, z.ZodType> {
  const { interval, timeoutMs, longestTimeout = '1m', rise, fall, hasThresholds = true } = given
  // A minute is the bound, because a probe that takes longer says nothing about a target that users wait for.
  const timeout =
    timeoutMs === undefined
      ? {}
      : {
          timeout: durationSchema('10ms', longestTimeout)
            .optional()
            .describe(
              `A probe without an answer has failed after this. At most ${longestTimeout}. Default: ${formatDuration(timeoutMs)}, or the interval where that is shorter.`,
            ),
        }
  return {
    // A timeout may be longer than the interval: a target is never probed twice at once, its next probe then waits.
    interval: durationSchema('50ms', '1h')
      .prefault(interval ?? defaults.health.interval)
      .describe('From the start of one probe to the start of the next.'),
    fastInterval: durationSchema('50ms', '1h')
      .optional()
      .describe('The same while the state may be about to change: at the start, and within a streak. Default: the interval.'),
    downInterval: durationSchema('50ms', '1h')
      .optional()
      .describe('The same while it is down and nothing has passed. Default: the interval.'),
    ...timeout,
    rise: countSchema(1, 100)
      .prefault(rise ?? defaults.health.rise)
      .describe('Successes in a row that declare it up.'),
    fall: countSchema(1, 100)
      .prefault(fall ?? defaults.health.fall)
      .describe('Failures in a row that declare it down.'),
    initial: z.enum(['unknown', 'up', 'down']).prefault('unknown').describe('What is believed before anything was seen.'),
    damping: dampingSchema
      .optional()
      .describe('Holds it back when it flaps: the way back is delayed, never the way out. `{}` switches it on with its defaults.'),
    ...(hasThresholds
      ? { thresholds: thresholdsSchema.prefault([]).describe('Limits on what is measured: beyond one of them it is degraded.') }
      : {}),
    dependsOn: dependsOnSchema
      .optional()
      .describe(
        'What it cannot be reached without: a list, of which all are needed, or `{ on, need }`. While that is down, it is told as a consequence.',
      ),
  }
}

/** The rules that the values amount to; what is as usual is left out. */
export function watchRulesOf(values: WatchValues, timeoutMs: number, context: z.RefinementCtx): WatchRules {
  const { interval, fastInterval, downInterval, timeout, rise, fall, initial, damping, thresholds = [], dependsOn } = values
  if (fastInterval !== undefined && fastInterval > interval) {
    context.addIssue({ code: 'custom', path: ['fastInterval'], message: 'must not be longer than interval', params: { isWhole: true } })
  }
  return {
    intervalMs: interval,
    timeoutMs: timeout ?? Math.min(interval, timeoutMs),
    rise,
    fall,
    ...(fastInterval === undefined || fastInterval === interval ? {} : { fastIntervalMs: fastInterval }),
    ...(downInterval === undefined || downInterval === interval ? {} : { downIntervalMs: downInterval }),
    ...(initial === undefined || initial === 'unknown' ? {} : { initialState: initial }),
    ...(damping ? { damping } : {}),
    ...(thresholds.length === 0 ? {} : { thresholds }),
    ...(dependsOn ? { dependsOn } : {}),
  }
}

/** As the file's own defaults have it. */
export const usualTimeoutMs: number = parseDuration(defaults.health.timeout)
