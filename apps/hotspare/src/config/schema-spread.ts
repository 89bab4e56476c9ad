import { poolDefaults, type SlowStartOptions, slowStartWeight, type ZoneWeights } from '@hotspare/balance'
import { LONGEST_DELAY_MS } from '@hotspare/core'
import { z } from 'zod'
import type { QueueConfig, SpreadConfig } from './config-balance.ts'
import { limits } from './defaults.ts'
import { acceptedBy } from './package-judge.ts'
import { countSchema, durationBetween, nameSchema } from './schema-scalars.ts'
import { type StickyInput, stickySchema } from './schema-sticky.ts'

/** The keys of a pool that say how its traffic divides, waits and stays. */
export interface SpreadInput {
  readonly panic?: boolean | undefined
  readonly panicThreshold?: number | undefined
  readonly overprovisioningFactor?: number | undefined
  readonly zones?: Record<string, number> | undefined
  readonly slowStart?: string | SlowStartInput | undefined
  readonly queue?: { readonly size: number; readonly timeout: string } | undefined
  readonly sticky?: StickyInput | undefined
}

interface SlowStartInput {
  readonly window: string
  readonly aggression?: number | undefined
  readonly minimumRatio?: number | undefined
}

const zonesSchema: z.ZodType<ZoneWeights, Record<string, number>> = z
  .record(nameSchema, countSchema(1, 1_000))
  .refine((zones) => Object.keys(zones).length > 0, { error: 'at least one zone is needed' })

const windowSchema = durationBetween(1, LONGEST_DELAY_MS)

const slowStartSchema: z.ZodType<SlowStartOptions, string | SlowStartInput> = z.union([
  windowSchema.transform((windowMs): SlowStartOptions => ({ windowMs })),
  z
    .strictObject({
      window: windowSchema.describe('How long it takes until who came back has its whole share again.'),
      aggression: z
        .number()
        .prefault(poolDefaults.aggression)
        .describe('1 grows evenly; greater than 1 gives more at the beginning, less than 1 more at the end.'),
      minimumRatio: z.number().prefault(poolDefaults.minimumRatio).describe('The share that it has from the first moment on, 0 to 1.'),
    })
    .transform(({ window: windowMs, ...rest }, context): SlowStartOptions => {
      const options = { windowMs, ...rest }
      return acceptedBy(() => slowStartWeight({ weight: 1, elapsedMs: 0, ...options }), Object.keys(rest), context) ? options : z.NEVER
    }),
])

const queueSchema: z.ZodType<QueueConfig, NonNullable<SpreadInput['queue']>> = z
  .strictObject({
    size: countSchema(1, limits.queueSize).describe('How many requests wait at a time; one more is answered 503.'),
    timeout: durationBetween(1, LONGEST_DELAY_MS).describe('How long a request waits; then it is answered 503.'),
  })
  .transform(({ size, timeout }) => ({ size, timeoutMs: timeout }))

/** The keys, beside those of the targets, their health and the algorithm. */
export const spreadShape: { readonly [Key in keyof SpreadConfig]-?: z.ZodType<SpreadConfig[Key], SpreadInput[Key]> } = {
  panic: z.boolean().prefault(poolDefaults.panic).describe('Whether targets that are down are tried at all, where no other is left.'),
  panicThreshold: z
    .number()
    .min(0)
    .max(100)
    .prefault(poolDefaults.panicThreshold)
    .describe(
      'Percent of a tier: with fewer targets that are healthy it uses all that it has, where the other tiers cannot carry the rest. 0: never while there is a better one.',
    ),
  overprovisioningFactor: z
    .number()
    .min(1)
    .max(1_000)
    .optional()
    .describe(
      'How much more a tier can carry than it has to: with 1.4 it gives load to the next one once fewer than 72 % of its targets are healthy. Default: a tier serves while it has one healthy target.',
    ),
  zones: zonesSchema
    .optional()
    .describe("Which share of a tier's traffic each zone has, by name; then each target names its zone. Default: zones count for nothing."),
  slowStart: slowStartSchema
    .optional()
    .describe('How long it takes until a target, or a tier, that has come back has its whole share again. Default: at once.'),
  queue: queueSchema.optional().describe('Where requests wait while no target has room. Default: they are answered 503 at once.'),
  sticky: stickySchema.optional().describe('Keeps a client at its target by a signed cookie, for as long as that target can be used.'),
}
