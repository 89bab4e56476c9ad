import { z } from 'zod'
import { hostAndPort } from './addresses.ts'
import type { PoolConfig, TargetConfig } from './config.ts'
import { defaults, limits } from './defaults.ts'
import { type BalanceInput, balanceSchema } from './schema-balance.ts'
import { outliersSchema } from './schema-health.ts'
import { healthSchema } from './schema-probes.ts'
import { type MaintenanceInput, maintenanceSchema, type StaleInput, staleSchema } from './schema-routes.ts'
import { countSchema, nameSchema, originSchema } from './schema-scalars.ts'
import { type SpreadInput, spreadShape } from './schema-spread.ts'

/** A target as a file writes it: its URL alone, or a mapping. */
type TargetInput = string | TargetMappingInput

interface TargetMappingInput {
  readonly url: string
  readonly name?: string | undefined
  readonly tier?: number | undefined
  readonly weight?: number | undefined
  readonly group?: string | undefined
  readonly zone?: string | undefined
  readonly limit?: number | undefined
}

export interface PoolInput extends SpreadInput {
  readonly targets: TargetInput[]
  /** `type`, and the keys of that type: those of the package's options. */
  readonly health?: unknown
  readonly outliers?: unknown
  readonly balance?: BalanceInput | undefined
  readonly maintenance?: MaintenanceInput | undefined
  readonly staleIfError?: StaleInput | undefined
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
      group: nameSchema
        .optional()
        .describe('Targets that may well fail together have the same: one rack, one power strip. Default: those of one host do.'),
      zone: nameSchema.optional().describe('Where it stands: one of the `zones` of the pool.'),
      limit: countSchema(1, 1_000_000)
        .optional()
        .describe('How many requests it has at a time; more go elsewhere, or wait in the `queue` of the pool. Default: as many as come.'),
    })
    .transform(({ url, name, ...rest }) => ({ ...url, name: name ?? hostAndPort(url), ...rest })),
])

export const poolSchema: z.ZodType<ParsedPool, PoolInput> = z.strictObject({
  targets: z.array(targetSchema).min(1).max(limits.targetsPerPool).describe('The servers that answer for this pool.'),
  health: healthSchema.prefault({ type: defaults.health.type }).describe('How targets are probed.'),
  outliers: outliersSchema
    .prefault({})
    .describe('When a target is put aside for a while for how its requests end, though its probes pass; `false`: never.'),
  balance: balanceSchema
    .prefault(defaults.balance)
    .describe('How a target is chosen among those of equal preference: an algorithm by name, or a mapping with its options.'),
  maintenance: maintenanceSchema
    .prefault(false)
    .describe('Whether clients get a page that says so, instead of the pool: `true`, or a mapping of who gets through all the same.'),
  staleIfError: staleSchema
    .optional()
    .describe('Answers to GET that a shared cache may keep (RFC 9111), for the time when no target answers. Default: none are kept.'),
  ...spreadShape,
})
