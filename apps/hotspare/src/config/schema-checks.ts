import { parseDuration } from '@hotspare/core'
import { composeOptionsSchema } from '@hotspare/health/compose'
import { pushCheckOptionsSchema } from '@hotspare/health/push'
import { z } from 'zod'
import type { CheckConfig, ServiceCheckConfig } from './config.ts'
import type { ComposedProbeConfig, ProbeConfig } from './config-probes.ts'
import { defaults, limits } from './defaults.ts'
import { fileKeys, judgedBy } from './file-keys.ts'
import type { Values } from './probe-sources.ts'
import { ofType, partSchema, variant, watchedVariants } from './schema-probes.ts'
import { countSchema, durationSchema, nameSchema } from './schema-scalars.ts'
import { usualTimeoutMs, watchRulesOf, watchShape, type WatchValues } from './schema-watch.ts'

/** A check before it knows its name. */
export type ParsedCheck = WithoutName<CheckConfig>
type WithoutName<Check> = Check extends unknown ? Omit<Check, 'name'> : never

/** What each member of a service runs against itself. It can be active or it cannot: what is slow is no reason to move. */
export const serviceCheckSchema: z.ZodType<ServiceCheckConfig> = ofType(watchedVariants({}, (watched) => watched, { hasThresholds: false }))

const further = {
  group: nameSchema
    .optional()
    .describe('Checks that may well fail together have the same: where most groups fail at once, this machine may be the sick one.'),
  canary: z
    .boolean()
    .prefault(false)
    .describe('Whether it shows how this machine itself is: it has nothing in common with the others, and is always there.'),
}

interface FurtherValues {
  readonly group?: string | undefined
  readonly canary: boolean
}

type CheckValues = Values & WatchValues & FurtherValues

function furtherOf({ group, canary }: FurtherValues): FurtherValues {
  return { ...(group === undefined ? {} : { group }), canary }
}

const pushKeys = fileKeys(pushCheckOptionsSchema, { elsewhere: { name: 'type', remembered: 'type' } })
const push = variant<ParsedCheck>(
  {
    type: z.literal('push').describe('A job that has to report in: it is told, and asks nobody.'),
    ...pushKeys.shape,
    // A report that is missed was given its time already; and looking costs nothing.
    ...watchShape({ timeoutMs: undefined, rise: 1, fall: 1 }),
    ...further,
  },
  {
    read(values: CheckValues, context) {
      const judged = judgedBy(pushCheckOptionsSchema, pushKeys.optionsOf(values), pushKeys, context)
      if (!judged) return undefined
      const { ttlMs, graceMs } = judged
      return { type: 'push', ttlMs, graceMs, ...watchRulesOf(values, usualTimeoutMs, context), ...furtherOf(values) }
    },
  },
)

/** As the package that composes them takes their names. */
const partNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, { error: 'up to 63 letters, digits, "-", "_" and "."; a letter first' })
  .meta({ title: 'name', examples: ['web'] })

const partsSchema = z
  .record(partNameSchema, partSchema.meta({ id: 'part' }))
  .refine((parts) => Object.keys(parts).length > 0, { error: 'at least one part is needed' })
  .refine((parts) => Object.keys(parts).length <= limits.parts, { error: `at most ${limits.parts} parts are possible` })

const BEYOND_PARTS_MS = parseDuration(defaults.composed.beyondParts)
const composeKeys = fileKeys(composeOptionsSchema, { elsewhere: { timeoutMs: 'timeout' } })

const composedShape = {
  of: partsSchema.describe('The parts, by name.'),
  ...composeKeys.shape,
  ...watchShape({ timeoutMs: undefined }),
  timeout: durationSchema('10ms', '10m')
    .optional()
    .describe(`One deadline over all parts. Default: that of the slowest part, and ${defaults.composed.beyondParts} more.`),
  ...further,
}

type ComposedValues = CheckValues & {
  readonly of: Readonly<Record<string, ProbeConfig>>
  readonly timeout?: number
  readonly count?: number
}

function composed(type: ComposedProbeConfig['type'], what: string, count: Readonly<Record<string, z.ZodType>> = {}) {
  const shape = { type: z.literal(type).describe(what), ...count, ...composedShape }
  return variant<ParsedCheck>(shape, { read: (values: ComposedValues, context) => composedOf(type, values, context) })
}

function composedOf(type: ComposedProbeConfig['type'], values: ComposedValues, context: z.RefinementCtx): ParsedCheck | undefined {
  const parts = Object.entries(values.of).map(([name, probe]) => ({ name, probe }))
  const count = { all: parts.length, any: 1, atLeast: values.count ?? parts.length }[type]
  if (count > parts.length) {
    context.addIssue({ code: 'custom', path: ['count'], message: 'is more than there are parts', params: { isWhole: true } })
  }
  const timeoutMs = values.timeout ?? Math.max(...parts.map(({ probe }) => probe.timeoutMs)) + BEYOND_PARTS_MS
  const judged = judgedBy(composeOptionsSchema, { ...composeKeys.optionsOf(values), timeoutMs }, composeKeys, context)
  if (!judged) return undefined
  const { whenPartly, leaveOutInconclusive } = judged
  const rules = watchRulesOf({ ...values, timeout: timeoutMs }, timeoutMs, context)
  return { type, count, parts, options: { whenPartly, leaveOutInconclusive }, ...rules, ...furtherOf(values) }
}

/** Anything else that is watched. */
export const checkSchema: z.ZodType<ParsedCheck> = ofType<ParsedCheck>([
  ...watchedVariants<ParsedCheck>(further, (watched, values: Values & Partial<FurtherValues>) => ({
    ...watched,
    ...furtherOf({ group: values.group, canary: values.canary ?? false }),
  })),
  push,
  composed('all', 'Several probes, all of which have to pass.'),
  composed('any', 'Several probes, one of which has to pass.'),
  composed('atLeast', 'Several probes, some of which have to pass.', {
    count: countSchema(1, limits.parts).describe('How many of them have to pass.'),
  }),
])

export const checksSchema: z.ZodType<Record<string, ParsedCheck>, Record<string, unknown>> = z
  .record(nameSchema, checkSchema)
  .refine((checks) => Object.keys(checks).length <= limits.checks, { error: `at most ${limits.checks} checks are possible` })
